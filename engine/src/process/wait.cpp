// SPDX-License-Identifier: BSD-2-Clause
#include "process/wait.hpp"

#include "support/check.hpp"

#include <poll.h>

#include <algorithm>
#include <limits>
#include <thread>

namespace brig {

using Clock = std::chrono::steady_clock;

bool wait_for_exit(const Process& process, std::chrono::milliseconds timeout) {
    const Clock::time_point end = Clock::now() + timeout;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        struct pollfd ended {
            process.exit_fd(), POLLIN, 0
        };
        const auto pause = std::clamp<long long>(left.count(), 0, std::numeric_limits<int>::max());
        const int ready = ::poll(&ended, 1, static_cast<int>(pause));
        if (ready > 0) {
            return true;
        }
        if (ready == 0 && left.count() <= 0) {
            return false;
        }
        if (ready < 0 && errno != EINTR) {
            throw_system_error(errno, "wait for a process");
        }
    }
}

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
    const Clock::time_point end = Clock::now() + timeout;
    std::chrono::milliseconds pause{1};
    while (!condition()) {
        if (Clock::now() >= end) {
            return false;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds{50});
    }
    return true;
}

}  // namespace brig
