// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/build_jail.hpp"
#include "host/linux/system_calls.hpp"

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>

namespace brig::host_linux {

namespace {

/// Moves or, when it is there already, copies the mount `part` to the working directory.
bool place(int part, bool& is_placed) noexcept {
    if (!is_placed) {
        is_placed = true;
        return sys_move_mount(part, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH) == 0;
    }
    const int copy =
        sys_open_tree(part, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
    return copy >= 0 && sys_move_mount(copy, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

/// Which of the parts are mounted in the jail.
struct Placed {
    bool devices = false;
    bool processes = false;
};

bool mount_one(const MountOrder& order,
               const JailParts& parts,
               Placed& placed,
               BuildReport& report) noexcept {
    if (order.kind != MountKind::descriptors && !enter_target(order.target)) {
        return failed(report, "mount", order.target);
    }
    switch (order.kind) {
        case MountKind::devices:
            return place(parts.devices, placed.devices)
                   || failed(report, "mount devfs on", order.target);
        case MountKind::processes:
            return place(parts.processes, placed.processes)
                   || failed(report, "mount procfs on", order.target);
        case MountKind::memory:
            return ::mount("tmpfs", ".", "tmpfs", mount_flags(order.attributes), order.source) == 0
                   || failed(report, "mount tmpfs on", order.target);
        case MountKind::directory:
            return sys_move_mount(order.tree, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH) == 0
                   || failed(report, "mount nullfs on", order.target);
        case MountKind::descriptors:
            break;
    }
    return true;  // /dev/fd of the jail's /dev shows the descriptors already
}

}  // namespace

bool enter_target(const char* target) noexcept {
    const int fd = sys_openat2(AT_FDCWD,
                               target,
                               O_PATH | O_DIRECTORY | O_CLOEXEC,
                               RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    if (fd < 0) {
        return false;
    }
    const bool entered = ::fchdir(fd) == 0;
    ::close(fd);
    return entered;
}

bool leave_mounts_of_host(BuildReport& report) noexcept {
    if (::unshare(CLONE_NEWNS) != 0) {
        return failed(report, kMakeNamespaces);
    }
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
           || failed(report, "make the mounts of the jail private");
}

int copy_mount(const char* path) noexcept {
    return sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

bool enter_root(const JailPlan& plan, BuildReport& report) noexcept {
    if (sys_move_mount(plan.root_tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0
        || ::fchdir(plan.root_tree) != 0) {
        return failed(report, "enter the root", plan.root);
    }
    // The old root ends up on top of the new one, and is the one that "." names (pivot_root(2)).
    if (sys_pivot_root(".", ".") != 0) {
        return failed(report, "make the root of the jail", plan.root);
    }
    return (::umount2(".", MNT_DETACH) == 0 && ::chdir("/") == 0)
           || failed(report, "leave the root of the host");
}

bool mount_all(const JailPlan& plan, const JailParts& parts, BuildReport& report) noexcept {
    Placed placed;
    for (std::uint32_t i = 0; i < plan.flags.mount_count; ++i) {
        if (!mount_one(plan.mounts[i], parts, placed, report)) {
            return false;
        }
    }
    return ::chdir("/") == 0 || failed(report, "enter the root of the jail");
}

}  // namespace brig::host_linux
