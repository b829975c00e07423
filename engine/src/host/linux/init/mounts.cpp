// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/build_jail.hpp"
#include "host/linux/system_calls.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <cstring>

namespace brig::host_linux {

namespace {

bool mount_processes(const char* target, const JailParts& parts, BuildReport& report) noexcept {
    // Below the procfs nobody sees it, and masks can be made from it, for it is attached.
    if (parts.hidden_tree >= 0) {
        sys_move_mount(parts.hidden_tree, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH);
    }
    return ::mount("proc", ".", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0
           || failed(report, "mount procfs on", target);
}

bool mount_one(MountOrder& order, JailParts& parts, BuildReport& report) noexcept {
    if (order.kind != MountKind::descriptors && !enter_target(order.target)) {
        return failed(report, "mount", order.target);
    }
    switch (order.kind) {
        case MountKind::devices:
            return mount_devices(order.target, parts, report);
        case MountKind::memory:
            return ::mount("tmpfs", ".", "tmpfs", mount_flags(order.attributes), order.source) == 0
                   || failed(report, "mount tmpfs on", order.target);
        case MountKind::directory: {
            const int moved =
                sys_move_mount(order.tree, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH);
            ::close(order.tree);
            return moved == 0 || failed(report, "mount nullfs on", order.target);
        }
        case MountKind::processes:
            return mount_processes(order.target, parts, report);
        case MountKind::descriptors:
            break;
    }
    return true;  // /dev/fd of the jail's /dev shows the descriptors already
}

bool has_mount(const JailPlan& plan, MountKind kind) noexcept {
    for (std::uint32_t i = 0; i < plan.flags.mount_count; ++i) {
        if (plan.mounts[i].kind == kind) {
            return true;
        }
    }
    return false;
}

/// When all mounts are there, for masks need the jail's own /dev/null.
bool mask_all(const JailPlan& plan, const JailParts& parts, BuildReport& report) noexcept {
    for (std::uint32_t i = 0; i < plan.flags.mount_count; ++i) {
        if (plan.mounts[i].kind != MountKind::processes) {
            continue;
        }
        if (!enter_target(plan.mounts[i].target)) {
            return failed(report, "mask", plan.mounts[i].target);
        }
        if (!mask_processes(parts, report)) {
            return false;
        }
    }
    return true;
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

bool open_sources(const JailPlan& plan, BuildReport& report) noexcept {
    for (std::uint32_t i = 0; i < plan.flags.mount_count; ++i) {
        MountOrder& order = plan.mounts[i];
        if (order.kind != MountKind::directory) {
            continue;
        }
        order.tree = sys_open_tree(AT_FDCWD, order.source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        if (order.tree < 0
            || sys_mount_setattr(order.tree, "", AT_EMPTY_PATH, order.attributes | MOUNT_ATTR_NODEV)
                   != 0) {
            return failed(report, "mount nullfs from", order.source);
        }
    }
    return true;
}

bool enter_root(const JailPlan& plan, BuildReport& report) noexcept {
    if (::mount(plan.root, plan.root, nullptr, MS_BIND | MS_REC, nullptr) != 0
        || ::chdir(plan.root) != 0) {
        return failed(report, "enter the root", plan.root);
    }
    // As in FreeBSD, device nodes mean something in /dev only: those that an image brings do not.
    if (sys_mount_setattr(AT_FDCWD, "", AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_NODEV) != 0) {
        return failed(report, "refuse device nodes below", plan.root);
    }
    // The old root ends up on top of the new one, and is the one that "." names (pivot_root(2)).
    if (sys_pivot_root(".", ".") != 0) {
        return failed(report, "make the root of the jail", plan.root);
    }
    if (::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
        return failed(report, "leave the root of the host");
    }
    return true;
}

bool mount_all(const JailPlan& plan, JailParts& parts, BuildReport& report) noexcept {
    if (!has_mount(plan, MountKind::devices) && !make_hidden_null(parts, report)) {
        return false;
    }
    for (std::uint32_t i = 0; i < plan.flags.mount_count; ++i) {
        if (!mount_one(plan.mounts[i], parts, report)) {
            return false;
        }
    }
    if (parts.hidden_tree >= 0) {
        ::close(parts.hidden_tree);
    }
    return mask_all(plan, parts, report)
           && (::chdir("/") == 0 || failed(report, "enter the root of the jail"));
}

}  // namespace brig::host_linux
