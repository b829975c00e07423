// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_remove.hpp"

#include "host/freebsd/jail_get.hpp"
#include "host/freebsd/jail_processes.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "support/check.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

namespace brig::freebsd {

namespace {

using namespace std::chrono_literals;

// SIGKILL is prompt, but a process may be in the middle of a slow system call (a disk, NFS).
constexpr auto kProcessesPatience = 10s;
constexpr auto kJailPatience = 250ms;
constexpr std::chrono::microseconds kFirstPause = 500us;
constexpr std::chrono::microseconds kLongestPause = 20ms;

/// The kernel before FreeBSD 15 reports neither event (EVFILT_JAIL), so they are asked for.
bool wait_until(const std::function<bool()>& done, std::chrono::microseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto pause = kFirstPause;
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kLongestPause);
    }
    return true;
}

}  // namespace

void remove_jail(const std::string& name) {
    // Who belongs to it must be known before it is gone, and its name with it.
    const std::vector<int> family = family_of(name);
    const std::optional<Jail> jail = find_jail(name, {});
    if (!jail) {
        return;
    }
    const int id = static_cast<int>(jail->id);
    if (::jail_remove(id) < 0 && errno != EINVAL && errno != ENOENT) {
        check(-1, "remove the jail '{}'", name);
    }
    if (!wait_until([&] { return processes_in(family).empty(); }, kProcessesPatience)) {
        throw Error{
            ErrorCode::system,
            fmt::format("the processes of the jail '{}' have been killed but do not end", name)}
            .with_hint(
                fmt::format("see what they wait for: ps -J {} -o pid,state,wchan,command", id));
    }
    wait_until([&] { return !is_left(id); }, kJailPatience);
}

}  // namespace brig::freebsd
