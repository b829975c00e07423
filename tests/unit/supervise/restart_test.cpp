// SPDX-License-Identifier: BSD-2-Clause
#include "supervise/restart.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace brig {
namespace {

using namespace std::chrono_literals;

using Pause = std::optional<std::chrono::milliseconds>;

constexpr RunEnd kFailed{true, 1ms};
constexpr RunEnd kDone{false, 1ms};

Pause pause_after(const char* policy, const RunEnd& end) {
    Restarts restarts;
    restarts.ended(end);
    return restarts.pause(parse_restart_policy(policy));
}

/// The pauses of a container that ends in the same way again and again.
std::vector<int> pauses(const char* policy, const RunEnd& end, int most) {
    std::vector<int> all;
    Restarts restarts;
    for (restarts.ended(end); most > 0; --most, restarts.ended(end)) {
        const Pause pause = restarts.pause(parse_restart_policy(policy));
        if (!pause) {
            break;
        }
        all.push_back(static_cast<int>(pause->count()));
        restarts.started();
    }
    return all;
}

TEST(Restart, IsAskedForByThePolicy) {
    EXPECT_EQ(pause_after("no", kFailed), Pause{});
    EXPECT_EQ(pause_after("no", kDone), Pause{});
    EXPECT_EQ(pause_after("on-failure", kDone), Pause{});
    for (const char* policy : {"on-failure", "on-failure:1", "always", "unless-stopped"}) {
        EXPECT_EQ(pause_after(policy, kFailed), Pause{100ms}) << policy;
    }
    EXPECT_EQ(pause_after("always", kDone), Pause{100ms});
    EXPECT_EQ(pause_after("unless-stopped", kDone), Pause{100ms});
}

TEST(Restart, WaitsTwiceAsLongEachTimeUpToAMinute) {
    EXPECT_EQ(
        pauses("always", kDone, 12),
        (std::vector{100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000}));
    EXPECT_EQ(pauses("on-failure", kFailed, 100).back(), 60000);
}

TEST(Restart, OnFailureGivesUpAfterSoManyInARow) {
    EXPECT_EQ(pauses("on-failure:3", kFailed, 100), (std::vector{100, 200, 400}));
    EXPECT_EQ(pauses("on-failure:4294967295", kFailed, 100).size(), 100U);
}

TEST(Restart, ALongRunEndsTheRow) {
    EXPECT_EQ(pauses("on-failure:1", {true, 10s}, 5), (std::vector{100, 100, 100, 100, 100}));
    EXPECT_EQ(pauses("on-failure:1", {true, 9999ms}, 5), std::vector{100});
}

TEST(Restart, GoesByThePolicyAsItIsNow) {
    Restarts restarts;
    restarts.ended(kFailed);
    EXPECT_TRUE(restarts.pause(parse_restart_policy("always")));
    restarts.started();
    restarts.ended(kFailed);
    EXPECT_FALSE(restarts.pause(parse_restart_policy("on-failure:1")));
    EXPECT_FALSE(restarts.pause(parse_restart_policy("no")));
    EXPECT_EQ(restarts.count(), 1U);
}

}  // namespace
}  // namespace brig
