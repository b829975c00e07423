// SPDX-License-Identifier: BSD-2-Clause
#include "events/event_log.hpp"

#include "support/temporary_folder.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace brig {

namespace {

using namespace std::chrono_literals;

Event event_called(const std::string& name, const std::map<std::string, std::string>& facts = {}) {
    return {
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()),
        EventSubject::container,
        EventAction::started,
        "0123456789ab",
        name,
        facts};
}

class EventLogTest : public ::testing::Test {
  protected:
    [[nodiscard]] EventLog log(std::size_t full = EventLog::kFull) const {
        return EventLog{RunDir{folder_.path() / "run"}, full};
    }

    [[nodiscard]] std::filesystem::path file() const { return event_file(folder_.path() / "run"); }

    test::TemporaryFolder folder_;
};

std::vector<std::string> names_of(EventStream& stream) {
    std::vector<std::string> names;
    while (const auto event = stream.next()) {
        names.push_back(event->action == EventAction::lost ? "LOST" : event->name);
    }
    return names;
}

bool is_readable(const EventStream& stream) {
    struct pollfd changed {
        stream.fd(), POLLIN, 0
    };
    return ::poll(&changed, 1, 0) == 1;
}

}  // namespace

TEST_F(EventLogTest, AReaderGetsWhatHappensFromThenOn) {
    log().append({event_called("before")});
    const auto stream = log().read({});
    EXPECT_EQ(names_of(*stream), std::vector<std::string>{});
    log().append({event_called("one"), event_called("two")});
    EXPECT_EQ(names_of(*stream), (std::vector<std::string>{"one", "two"}));
    log().append({event_called("three")});
    EXPECT_EQ(names_of(*stream), std::vector<std::string>{"three"});
}

TEST_F(EventLogTest, AReaderMayComeFirst) {
    const auto stream = log().read({});
    log().append({event_called("one")});
    EXPECT_EQ(names_of(*stream), std::vector<std::string>{"one"});
}

TEST_F(EventLogTest, OneThatAsksForItGetsWhatHasHappened) {
    log().append({event_called("one")});
    EventOptions options;
    options.since = std::chrono::system_clock::now() - 1h;
    EXPECT_EQ(names_of(*log().read(options)), std::vector<std::string>{"one"});
    options.since = std::chrono::system_clock::now() + 1h;
    EXPECT_EQ(names_of(*log().read(options)), std::vector<std::string>{});
}

TEST_F(EventLogTest, ItsDescriptorSaysWhenThereIsMore) {
    const auto stream = log().read({});
    EXPECT_EQ(names_of(*stream), std::vector<std::string>{});
    EXPECT_FALSE(is_readable(*stream));
    log().append({event_called("one")});
    EXPECT_TRUE(is_readable(*stream));
    EXPECT_EQ(names_of(*stream), std::vector<std::string>{"one"});
    EXPECT_FALSE(is_readable(*stream));
}

TEST_F(EventLogTest, WaitingEndsWithTheTimeGiven) {
    const auto stream = log().read({});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(stream->wait(50ms), std::nullopt);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms);
}

TEST_F(EventLogTest, AnyBytesComeBack) {
    const Event event = event_called("a\tb\nc=d%09", {{"k=\n", "\t\x1b[31m"}, {"", "%"}});
    const auto stream = log().read({});
    log().append({event});
    EXPECT_EQ(stream->next(), event);
}

TEST_F(EventLogTest, ATornLineCostsNoOther) {
    const auto stream = log().read({});
    std::ofstream{file(), std::ios::app} << "17\tcontainer\tst\n\n99999999999999999999\tcontainer"
                                         << "\tstarted\tid\tx\n1\tcontainer\tinvented\tid\ty\n";
    log().append({event_called("whole")});
    EXPECT_EQ(names_of(*stream), std::vector<std::string>{"whole"});
}

TEST_F(EventLogTest, AReaderGoesOnInTheNextFile) {
    const EventLog small = log(500);
    const auto stream = small.read({});
    std::vector<std::string> wanted;
    std::vector<std::string> got;
    for (int i = 0; i < 100; ++i) {
        wanted.push_back(std::to_string(i));
        small.append({event_called(wanted.back())});
        for (const std::string& name : names_of(*stream)) {
            got.push_back(name);
        }
    }
    EXPECT_EQ(got, wanted);
    EXPECT_LT(std::filesystem::file_size(file()), 1000U);
}

TEST_F(EventLogTest, AReaderThatIsTooSlowIsTold) {
    const EventLog small = log(500);
    const auto stream = small.read({});
    for (int i = 0; i < 100; ++i) {
        small.append({event_called(std::to_string(i))});
    }
    const std::vector<std::string> names = names_of(*stream);
    ASSERT_GT(names.size(), 3U);
    EXPECT_EQ(names.front(), "0");
    EXPECT_EQ(std::count(names.begin(), names.end(), "LOST"), 1);
    EXPECT_EQ(names.back(), "99");
}

TEST_F(EventLogTest, BothFilesAreHistory) {
    const EventLog small = log(500);
    for (int i = 0; i < 20; ++i) {
        small.append({event_called(std::to_string(i))});
    }
    EventOptions options;
    options.since = std::chrono::system_clock::time_point{};
    const std::vector<std::string> names = names_of(*small.read(options));
    ASSERT_GT(names.size(), 5U);  // more than one file has
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(names[i], std::to_string(20 - names.size() + i));
    }
}

TEST_F(EventLogTest, ManyProcessesWriteAtOnce) {
    constexpr int kWriters = 32;
    constexpr int kEach = 50;
    const EventLog small = log(60'000);  // replaced once under way: nobody is too slow
    const auto stream = small.read({});
    std::vector<pid_t> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            for (int i = 0; i < kEach; ++i) {
                small.append({event_called(fmt::format("{}.{}", writer, i))});
            }
            ::_exit(0);
        }
        writers.push_back(pid);
    }
    std::map<int, int> next;  // by writer: each one's events come in its order
    int count = 0;
    while (count < kWriters * kEach) {
        const auto event = stream->wait(20s);
        ASSERT_TRUE(event) << count;
        ASSERT_NE(event->action, EventAction::lost) << count;
        const std::size_t dot = event->name.find('.');
        EXPECT_EQ(next[std::stoi(event->name.substr(0, dot))]++,
                  std::stoi(event->name.substr(dot + 1)));
        ++count;
    }
    for (const pid_t pid : writers) {
        ::waitpid(pid, nullptr, 0);
    }
    EXPECT_EQ(stream->next(), std::nullopt);
}

TEST(EventFilterTest, EveryListMustHaveOneThatFits) {
    const Event event{{},
                      EventSubject::container,
                      EventAction::died,
                      "0123456789ab",
                      "web",
                      {{"image", "base"}, {"exit_status", "1"}}};
    using Subject = EventSubject;
    EXPECT_TRUE(matches({}, event));
    EXPECT_TRUE(matches({{Subject::image, Subject::container}, {EventAction::died}, {}}, event));
    EXPECT_FALSE(matches({{Subject::image}, {EventAction::died}, {}}, event));
    EXPECT_FALSE(matches({{}, {EventAction::started}, {}}, event));
    EXPECT_TRUE(matches({{}, {}, {{Subject::container, "web"}}}, event));
    EXPECT_TRUE(matches({{}, {}, {{Subject::container, "0123"}}}, event));
    EXPECT_FALSE(matches({{}, {}, {{Subject::container, "we"}}}, event));
    EXPECT_TRUE(matches({{}, {}, {{Subject::container, "x"}, {Subject::container, "web"}}}, event));
    EXPECT_FALSE(matches({{}, {}, {{Subject::container, "web"}, {Subject::image, "x"}}}, event));
    EXPECT_TRUE(matches({{}, {}, {{Subject::image, "base:latest"}}}, event));
    EXPECT_FALSE(matches({{}, {}, {{Subject::network, "web"}}}, event));
}

TEST(EventNamesTest, EveryNameIsReadBack) {
    for (int i = 0; i <= static_cast<int>(EventAction::lost); ++i) {
        const auto action = static_cast<EventAction>(i);
        EXPECT_EQ(parse_event_action(to_string(action)), action);
    }
    EXPECT_EQ(parse_event_action("invented"), std::nullopt);
    EXPECT_EQ(parse_event_subject("network"), EventSubject::network);
    EXPECT_EQ(parse_event_subject(""), std::nullopt);
}

}  // namespace brig
