// SPDX-License-Identifier: BSD-2-Clause
#include "cli/event_options.hpp"

#include "cli/command.hpp"

#include <gtest/gtest.h>

namespace brig::cli {

namespace {

using namespace std::chrono_literals;
using TimePoint = std::chrono::system_clock::time_point;

constexpr TimePoint kNow{1'000'000s};

}  // namespace

TEST(ParseMoment, ADate) {
    EXPECT_EQ(parse_moment("1970-01-02T00:00:01Z", kNow), TimePoint{24h + 1s});
    EXPECT_EQ(parse_moment("1970-01-01T00:01:00", kNow), TimePoint{1min});
    EXPECT_EQ(parse_moment("2026-01-31T12:00:00.250Z", kNow), TimePoint{1769860800250ms});
}

TEST(ParseMoment, SecondsAndAges) {
    EXPECT_EQ(parse_moment("1769860800", kNow), TimePoint{1769860800s});
    EXPECT_EQ(parse_moment("0s", kNow), kNow);
    EXPECT_EQ(parse_moment("90s", kNow), kNow - 90s);
    EXPECT_EQ(parse_moment("10m", kNow), kNow - 10min);
    EXPECT_EQ(parse_moment("2h", kNow), kNow - 2h);
    EXPECT_EQ(parse_moment("1d", kNow), kNow - 24h);
}

TEST(ParseMoment, RefusesEverythingElse) {
    for (const char* text : {"",
                             "soon",
                             "-1",
                             "-5m",
                             "10y",
                             "10m5s",
                             "1.5h",
                             "99999999999999999999",
                             "99999999999d",
                             "2026-02-30T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-01-31",
                             "2026-01-31T12:00:00+01:00",
                             "2026-01-31T12:00:00Zulu"}) {
        EXPECT_THROW(static_cast<void>(parse_moment(text, kNow)), UsageError) << text;
    }
}

TEST(AddFilter, ReadsWhatDockersUsersWrite) {
    EventFilter filter;
    for (const char* text : {"type=container", "event=died", "container=web", "image=base:1"}) {
        add_filter(filter, text);
    }
    EXPECT_EQ(filter.subjects, std::vector{EventSubject::container});
    EXPECT_EQ(filter.actions, std::vector{EventAction::died});
    ASSERT_EQ(filter.about.size(), 2U);
    EXPECT_EQ(filter.about[1].subject, EventSubject::image);
    EXPECT_EQ(filter.about[1].reference, "base:1");
    for (const char* text : {"", "type", "type=", "type=pod", "event=die", "engine=x", "label=x"}) {
        EXPECT_THROW(add_filter(filter, text), UsageError) << text;
    }
}

}  // namespace brig::cli
