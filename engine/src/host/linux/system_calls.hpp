// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

/// System calls that not every C library wraps. As in those: -1 with errno.
namespace brig::host_linux {

inline int sys_openat2(int directory,
                       const char* path,
                       std::uint64_t flags,
                       std::uint64_t resolve) noexcept {
    const open_how how{.flags = flags, .mode = 0, .resolve = resolve};
    return static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof(how)));
}

inline int sys_open_tree(int directory, const char* path, unsigned flags) noexcept {
    return static_cast<int>(::syscall(SYS_open_tree, directory, path, flags));
}

inline int sys_move_mount(
    int from, const char* from_path, int to, const char* to_path, unsigned flags) noexcept {
    return static_cast<int>(::syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}

/// Sets `attributes` (MOUNT_ATTR_…) on the mount at `path`, and `propagation` (MS_PRIVATE, …)
/// unless it is 0.
inline int sys_mount_setattr(int directory,
                             const char* path,
                             unsigned flags,
                             std::uint64_t attributes,
                             std::uint64_t propagation = 0) noexcept {
    const mount_attr attr{
        .attr_set = attributes, .attr_clr = 0, .propagation = propagation, .userns_fd = 0};
    return static_cast<int>(
        ::syscall(SYS_mount_setattr, directory, path, flags, &attr, sizeof(attr)));
}

/// mount(2)'s flags for `attributes` of a new file system, which never has devices.
inline unsigned long mount_flags(std::uint64_t attributes) noexcept {
    const auto when = [attributes](std::uint64_t attribute, unsigned long flag) {
        return (attributes & attribute) != 0 ? flag : 0UL;
    };
    return MS_NODEV | when(MOUNT_ATTR_RDONLY, MS_RDONLY) | when(MOUNT_ATTR_NOSUID, MS_NOSUID)
           | when(MOUNT_ATTR_NOEXEC, MS_NOEXEC) | when(MOUNT_ATTR_NOATIME, MS_NOATIME);
}

inline int sys_fsopen(const char* type) noexcept {
    return static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

inline int sys_fsconfig_string(int system, const char* key, const char* value) noexcept {
    return static_cast<int>(::syscall(SYS_fsconfig, system, FSCONFIG_SET_STRING, key, value, 0));
}

inline int sys_fsconfig_create(int system) noexcept {
    return static_cast<int>(
        ::syscall(SYS_fsconfig, system, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
}

/// A detached mount of `system` with MOUNT_ATTR_ `attributes`.
inline int sys_fsmount(int system, unsigned attributes) noexcept {
    return static_cast<int>(::syscall(SYS_fsmount, system, FSMOUNT_CLOEXEC, attributes));
}

inline int sys_statx(
    int directory, const char* path, int flags, unsigned mask, struct statx& status) noexcept {
    return static_cast<int>(::syscall(SYS_statx, directory, path, flags, mask, &status));
}

/// For requests that do not fit the `int` which POSIX, and musl, have for them.
inline int sys_ioctl(int fd, unsigned long request, void* argument) noexcept {
    return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
}

inline int sys_pivot_root(const char* new_root, const char* put_old) noexcept {
    return static_cast<int>(::syscall(SYS_pivot_root, new_root, put_old));
}

}  // namespace brig::host_linux
