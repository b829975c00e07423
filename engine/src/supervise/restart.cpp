// SPDX-License-Identifier: BSD-2-Clause
#include "supervise/restart.hpp"

#include <algorithm>

namespace brig {

namespace {

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{60'000};
constexpr std::chrono::milliseconds kLongRun{10'000};

bool asks_for_restart(const RestartPolicy& policy, const RunEnd& end, unsigned in_a_row) {
    switch (policy.kind) {
        case RestartPolicy::Kind::no:
            return false;
        case RestartPolicy::Kind::on_failure:
            return end.failed && (policy.most == 0 || in_a_row < policy.most);
        case RestartPolicy::Kind::always:
        case RestartPolicy::Kind::unless_stopped:
            break;
    }
    return true;
}

}  // namespace

void Restarts::ended(const RunEnd& end) {
    end_ = end;
    if (end.ran_for >= kLongRun) {
        in_a_row_ = 0;
    }
}

void Restarts::started() {
    ++in_a_row_;
    ++count_;
}

std::optional<std::chrono::milliseconds> Restarts::pause(const RestartPolicy& policy) const {
    if (!asks_for_restart(policy, end_, in_a_row_)) {
        return std::nullopt;
    }
    constexpr unsigned kDoublings = 10;  // more than the longest pause
    return std::min(kFirstPause * (1U << std::min(in_a_row_, kDoublings)), kLongestPause);
}

}  // namespace brig
