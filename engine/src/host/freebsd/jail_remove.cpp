// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_remove.hpp"

#include "host/freebsd/connections.hpp"
#include "host/freebsd/jail_get.hpp"
#include "host/freebsd/jail_processes.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "host/freebsd/mounts.hpp"
#include "process/wait.hpp"
#include "support/check.hpp"

#include <signal.h>

#include <cerrno>
#include <chrono>
#include <vector>

namespace brig::freebsd {

namespace {

using namespace std::chrono_literals;

// SIGKILL is prompt, but a process may be in the middle of a slow system call (a disk, NFS).
constexpr auto kProcessesPatience = 10s;
// The kernel frees what it had of a connection a moment after the connection.
constexpr auto kJailPatience = 2s;

/// False if some do not end. The container's owner and who stops it may both be here, and both look
/// for connections: they do not kill each other's children.
bool end_processes(const std::vector<int>& family) {
    return wait_until(
        [&] {
            const std::vector<pid_t> left = processes_in(family, Visitors::left_out);
            for (const pid_t pid : left) {
                static_cast<void>(::kill(pid, SIGKILL));  // it may have ended meanwhile
            }
            return left.empty();
        },
        kProcessesPatience);
}

}  // namespace

void remove_jail(const std::string& name) {
    // Who belongs to it must be known before it is gone, and its name with it.
    const std::vector<int> family = family_of(name);
    const std::optional<JailRemains> jail = find_remains(name);
    if (!jail) {
        return;
    }
    // The kernel would end them as well, but what they leave to it can be seen from inside only,
    // and nobody can enter a jail that is dying.
    if (end_processes(family)) {
        end_connections(jail->id, family);
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
