// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace brig::host_linux {

struct VforkResult {
    pid_t pid = -1;
    int pidfd = -1;  ///< close-on-exec; the caller owns it
    int error = 0;   ///< errno, or 0
};

/// Runs `child(argument)` in a new process that borrows our memory until it executes a program or
/// ends, while we wait: no page of a large engine is copied. `child` may use system calls only and
/// must not return. If it ends before it has executed anything it sends no SIGCHLD, later it does:
/// wait for it by its pidfd, with __WALL.
/// @param cgroup the directory of the control group (cgroup2) that it begins in, or -1 for ours. To
///               move a process that is there already would take the kernel a hundred times as long
[[nodiscard]] VforkResult vfork_into(int (*child)(void*),
                                     void* argument,
                                     std::uint64_t namespaces,
                                     int cgroup = -1);

}  // namespace brig::host_linux
