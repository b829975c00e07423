// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/build_jail.hpp"
#include "host/linux/system_calls.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

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

bool is_file(const MountOrder& order) noexcept {
    struct stat status = {};
    return order.tree >= 0 && ::fstat(order.tree, &status) == 0 && !S_ISDIR(status.st_mode);
}

/// A file over a file. It cannot be entered, so it is named by a descriptor.
bool mount_file(const MountOrder& order) noexcept {
    const int point = sys_openat2(
        AT_FDCWD, order.target, O_PATH | O_CLOEXEC, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    if (point < 0) {
        return false;
    }
    const int result = sys_move_mount(
        order.tree, "", point, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    const int error = errno;
    ::close(point);
    errno = error;
    return result == 0;
}

/// Does what needs the target, `reach`; once more when something of it was missing and could be
/// made. What is there and cannot be mounted on stays `reach`'s to complain about.
template <typename Reach>
bool reach_target(const MountOrder& order, bool over_file, Reach reach) noexcept {
    return reach()
           || (errno == ENOENT && order.make_target && make_target(order.target, over_file)
               && reach());
}

bool mount_one(const MountOrder& order,
               const JailParts& parts,
               Placed& placed,
               BuildReport& report) noexcept {
    if (order.kind == MountKind::descriptors) {
        return true;  // /dev/fd of the jail's /dev shows the descriptors already
    }
    if (is_file(order)) {
        return reach_target(order, true, [&] { return mount_file(order); })
               || failed(report, "mount nullfs on", order.target);
    }
    if (!reach_target(order, false, [&] { return enter_target(order.target); })) {
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
    return true;
}

/// Goes into the directory `name` of the working directory, which is made if it is missing.
bool enter_or_make(const char* name) noexcept {
    constexpr mode_t kMode = 0755;
    if (::mkdir(name, kMode) != 0 && errno != EEXIST) {
        return false;
    }
    const int fd = ::open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const bool entered = fd >= 0 && ::fchdir(fd) == 0;
    const int error = errno;
    ::close(fd);
    errno = error;
    return entered;
}

bool make_file(const char* name) noexcept {
    constexpr mode_t kMode = 0644;
    const int fd = ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
    return fd >= 0 && ::close(fd) == 0;
}

constexpr std::size_t kNameSize = NAME_MAX + 2;

/// Copies the next name of the path at `at` to `name`, which holds kNameSize bytes; goes on behind
/// it. False at the end. Of an overlong name one byte too many is kept, so that nothing takes it.
bool next_name(const char*& at, char* name) noexcept {
    at += std::strspn(at, "/");
    const std::size_t length = std::strcspn(at, "/");
    const std::size_t kept = length < kNameSize ? length : kNameSize - 1;
    std::memcpy(name, at, kept);
    name[kept] = '\0';
    at += length;
    return length != 0;
}

}  // namespace

bool make_target(const char* target, bool is_file) noexcept {
    char name[kNameSize];  // NOLINT(modernize-avoid-c-arrays): init allocates nothing
    if (::chdir("/") != 0) {
        return false;
    }
    for (const char* at = target; next_name(at, name);) {
        const bool is_last = at[std::strspn(at, "/")] == '\0';
        if (std::strcmp(name, "..") == 0) {
            errno = EINVAL;
            return false;
        }
        if (is_last && is_file ? !make_file(name) : !enter_or_make(name)) {
            return false;
        }
    }
    return true;
}

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
