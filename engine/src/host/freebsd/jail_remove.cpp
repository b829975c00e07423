// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_remove.hpp"

#include "host/freebsd/jail_get.hpp"
#include "host/freebsd/jail_processes.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "host/freebsd/mounts.hpp"
#include "process/wait.hpp"
#include "support/check.hpp"

#include <cerrno>
#include <chrono>
#include <vector>

namespace brig::freebsd {

namespace {

using namespace std::chrono_literals;

// SIGKILL is prompt, but a process may be in the middle of a slow system call (a disk, NFS).
constexpr auto kProcessesPatience = 10s;
constexpr auto kJailPatience = 250ms;

}  // namespace

void remove_jail(const std::string& name) {
    // Who belongs to it must be known before it is gone, and its name with it.
    const std::vector<int> family = family_of(name);
    const std::optional<JailRemains> jail = find_remains(name);
    if (!jail) {
        return;
    }
    if (::jail_remove(jail->id) < 0 && errno != EINVAL && errno != ENOENT) {
        check(-1, "remove the jail '{}'", name);
    }
    if (!wait_until([&] { return processes_in(family).empty(); }, kProcessesPatience)) {
        throw Error{
            ErrorCode::system,
            fmt::format("the processes of the jail '{}' have been killed but do not end", name)}
            .with_hint(fmt::format("see what they wait for: ps -J {} -o pid,state,wchan,command",
                                   jail->id));
    }
    // The host's own root is no container's, whoever gave it to a jail.
    if (jail->may_mount && jail->root != "/") {
        unmount_all_below(jail->root);
    }
    static_cast<void>(wait_until([&] { return !is_left(jail->id); }, kJailPatience));
}

}  // namespace brig::freebsd
