// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/mount_requests.hpp"

#include "host/linux/restrictions.hpp"
#include "host/linux/system_calls.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, as in the rest of init
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <span>

namespace brig::host_linux {

namespace {

/// A request with what its pointers point to. Everything in it is the jail's, and hostile.
struct Request {
    seccomp_notif call = {};
    char source[PATH_MAX] = {};
    char target[PATH_MAX] = {};
    char type[64] = {};
    char options[1024] = {};

    [[nodiscard]] bool is_unmount() const noexcept { return call.data.nr == SYS_umount2; }
    [[nodiscard]] unsigned long flags() const noexcept {
        return call.data.args[is_unmount() ? 1 : 3];
    }
};

constexpr unsigned long kAttributeFlags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;

/// Those that change nothing for us.
constexpr unsigned long kIgnoredFlags = MS_SILENT | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;

/// What mount(2) itself takes for no flags: an ancient mark.
unsigned long without_magic(unsigned long flags) noexcept {
    return (flags & MS_MGC_MSK) == MS_MGC_VAL ? flags & ~static_cast<unsigned long>(MS_MGC_MSK)
                                              : flags;
}

std::uint64_t attributes_of(unsigned long flags) noexcept {
    const auto when = [flags](unsigned long flag, std::uint64_t attribute) {
        return (flags & flag) != 0 ? attribute : 0U;
    };
    return MOUNT_ATTR_NODEV | when(MS_RDONLY, MOUNT_ATTR_RDONLY)
           | when(MS_NOSUID, MOUNT_ATTR_NOSUID) | when(MS_NOEXEC, MOUNT_ATTR_NOEXEC)
           | when(MS_NOATIME, MOUNT_ATTR_NOATIME);
}

/// Reads a string of the caller, page by page since the next page may not be there.
/// @return 0 or an errno.
int read_string(pid_t caller, std::uint64_t address, std::span<char> text) noexcept {
    constexpr std::size_t kPage = 4096;
    std::size_t length = 0;
    if (address == 0) {
        return 0;  // as the empty string that is there
    }
    while (length < text.size()) {
        const std::uint64_t at = address + length;
        const std::size_t to_end = kPage - at % kPage;
        const std::size_t room = text.size() - length;
        const iovec to{text.data() + length, to_end < room ? to_end : room};
        const iovec from{reinterpret_cast<void*>(at), to.iov_len};  // NOLINT(*-int-to-ptr)
        const ssize_t count = ::process_vm_readv(caller, &to, 1, &from, 1, 0);
        if (count <= 0) {
            return EFAULT;
        }
        if (std::memchr(to.iov_base, '\0', static_cast<std::size_t>(count)) != nullptr) {
            return 0;
        }
        length += static_cast<std::size_t>(count);
    }
    return ENAMETOOLONG;
}

int read_strings(Request& request) noexcept {
    const auto caller = static_cast<pid_t>(request.call.pid);
    const auto& args = request.call.data.args;
    if (request.is_unmount()) {
        return read_string(caller, args[0], request.target);
    }
    const int target = read_string(caller, args[1], request.target);
    const int source = read_string(caller, args[0], request.source);
    const int type = read_string(caller, args[2], request.type);
    const int options = read_string(caller, args[4], request.options);
    const int error = target != 0 ? target : source != 0 ? source : type;
    return error != 0 ? error : options;
}

/// Only the jail's root has this capability, and he has it unless allow.nosuser took it.
bool is_root_of_jail(pid_t caller) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, caller};
    __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
    return ::syscall(SYS_capget, &header, data) == 0
           && (data[0].effective & (1U << CAP_SYS_CHROOT)) != 0;
}

/// Paths mean from here on what they mean to the caller. @return 0 or an errno.
int enter_callers_root(int processes, pid_t caller) noexcept {
    char name[32];
    static_cast<void>(std::snprintf(name, sizeof(name), "%d/root", caller));
    const int root = ::openat(processes, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    static_cast<void>(std::snprintf(name, sizeof(name), "%d/cwd", caller));
    const int directory = ::openat(processes, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const bool entered = root >= 0 && directory >= 0 && ::fchdir(root) == 0 && ::chroot(".") == 0
                         && ::fchdir(directory) == 0;
    return entered ? 0 : errno;
}

/// Where a path of the caller leads; -1 with errno. Not through /proc/self/fd and its like: those
/// would be ours, which lead out of the jail.
int open_path(const char* path, std::uint64_t flags = 0) noexcept {
    return sys_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC | flags, RESOLVE_NO_MAGICLINKS);
}

/// One request, performed by a process of its own.
class Performer {
  public:
    Performer(const Request& request,
              std::uint32_t may_mount,
              int processes,
              JailMounts& mounts) noexcept
        : request_{request}, may_mount_{may_mount}, processes_{processes}, mounts_{mounts} {}

    /// @return 0 or an errno.
    [[nodiscard]] int perform() noexcept { return request_.is_unmount() ? unmount() : mount(); }

  private:
    [[nodiscard]] bool may(MayMount type) const noexcept { return (may_mount_ & type) != 0; }

    int mount() noexcept {
        const unsigned long flags = without_magic(request_.flags());
        if ((flags & ~(kAttributeFlags | kIgnoredFlags | MS_BIND | MS_REMOUNT)) != 0) {
            return EPERM;  // propagation, moving, recursion, …
        }
        if ((flags & MS_REMOUNT) != 0) {
            return restrict_mount(flags);
        }
        const int tree = (flags & MS_BIND) != 0 || is_type("nullfs") ? clone_directory(flags)
                                                                     : new_file_system(flags);
        return tree < 0 ? errno : attach(tree);
    }

    [[nodiscard]] bool is_type(const char* type) const noexcept {
        return std::strcmp(request_.type, type) == 0;
    }

    /// A mount without those on it: what covers files of /proc would be missing, so not of that.
    int clone_directory(unsigned long flags) noexcept {
        const int source = may(may_mount_nullfs) ? open_path(request_.source) : -1;
        if (source < 0) {
            return refuse(may(may_mount_nullfs) ? errno : EPERM);
        }
        struct statfs system = {};
        if (::fstatfs(source, &system) != 0 || system.f_type == PROC_SUPER_MAGIC) {
            return refuse(EPERM);
        }
        const int tree =
            sys_open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
        return tree >= 0 && sys_mount_setattr(tree, "", AT_EMPTY_PATH, attributes_of(flags)) == 0
                   ? tree
                   : -1;
    }

    int new_file_system(unsigned long flags) noexcept {
        if (is_type("tmpfs")) {
            return may(may_mount_tmpfs) ? new_tmpfs(flags) : refuse(EPERM);
        }
        if (is_type("proc") || is_type("procfs") || is_type("linprocfs")) {
            return may(may_mount_procfs) ? new_procfs(flags) : refuse(EPERM);
        }
        return refuse(EPERM);
    }

    int new_tmpfs(unsigned long flags) noexcept {
        const int system = open_file_system("tmpfs");
        char options[sizeof(request_.options)];
        std::memcpy(options, request_.options, sizeof(options));
        char* rest = nullptr;
        for (char* option = ::strtok_r(options, ",", &rest); option != nullptr;
             option = ::strtok_r(nullptr, ",", &rest)) {
            if (!set_tmpfs_option(system, option)) {
                return -1;
            }
        }
        return finish(system, flags);
    }

    /// With the name that the jail gave its source, which is only shown.
    [[nodiscard]] int open_file_system(const char* type) const noexcept {
        const int system = sys_fsopen(type);
        if (system >= 0 && request_.source[0] != '\0') {
            sys_fsconfig_string(system, "source", request_.source);
        }
        return system;
    }

    /// Those of tmpfs(5) that FreeBSD and Linux have.
    static bool set_tmpfs_option(int system, char* option) noexcept {
        char* value = std::strchr(option, '=');
        if (value == nullptr) {
            errno = EINVAL;
            return false;
        }
        *value++ = '\0';
        for (const char* known : {"size", "mode", "uid", "gid", "nr_inodes"}) {
            if (std::strcmp(option, known) == 0) {
                return sys_fsconfig_string(system, option, value) == 0;
            }
        }
        errno = EINVAL;
        return false;
    }

    /// Of processes only: the rest of /proc is the host's, and partly writable to uid 0.
    [[nodiscard]] int new_procfs(unsigned long flags) const noexcept {
        const int system = open_file_system("proc");
        return sys_fsconfig_string(system, "subset", "pid") == 0
                   ? finish(system, flags | MS_NOSUID | MS_NOEXEC)
                   : -1;
    }

    static int finish(int system, unsigned long flags) noexcept {
        return sys_fsconfig_create(system) == 0
                   ? sys_fsmount(system, static_cast<unsigned>(attributes_of(flags)))
                   : -1;
    }

    int attach(int tree) noexcept {
        const int target = open_path(request_.target);
        if (target < 0) {
            return errno;
        }
        if (mounts_.count == JailMounts::kMost) {
            return ENOSPC;
        }
        if (sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)
            != 0) {
            return errno;
        }
        struct statx status = {};
        if (sys_statx(tree, "", AT_EMPTY_PATH, kMountId, status) == 0) {
            mounts_.ids[mounts_.count++] = status.stx_mnt_id;
        }
        return 0;
    }

    /// Of the jail's own mounts more may be forbidden, and nothing allowed again: the mount that
    /// one was cloned from may be read-only.
    int restrict_mount(unsigned long flags) noexcept {
        const int mounted = open_path(request_.target);
        std::size_t place = 0;
        if (const int error = find(mounted, place); error != 0) {
            return error;
        }
        struct statfs system = {};
        if (::fstatfs(mounted, &system) != 0
            || ((system.f_flags & ST_RDONLY) != 0 && (flags & MS_RDONLY) == 0)) {
            return EPERM;
        }
        return sys_mount_setattr(mounted, "", AT_EMPTY_PATH, attributes_of(flags)) == 0 ? 0 : errno;
    }

    /// At once for everybody, while those who use it may go on: a descriptor names what is
    /// unmounted, and pins it.
    int unmount() noexcept {
        const unsigned long flags = request_.flags();
        if ((flags & ~static_cast<unsigned long>(MNT_DETACH | MNT_FORCE | UMOUNT_NOFOLLOW)) != 0) {
            return EINVAL;
        }
        const int mounted =
            open_path(request_.target, (flags & UMOUNT_NOFOLLOW) != 0 ? O_NOFOLLOW : 0);
        std::size_t place = 0;
        if (const int error = find(mounted, place); error != 0) {
            return error;
        }
        char path[32];
        static_cast<void>(std::snprintf(path, sizeof(path), "self/fd/%d", mounted));
        if (::fchdir(processes_) != 0
            || ::syscall(SYS_umount2, path, MNT_DETACH, kOwnUnmount) != 0) {
            return errno;
        }
        mounts_.ids[place] = mounts_.ids[--mounts_.count];
        return 0;
    }

    /// The place of a mount that the jail made. @return 0 or an errno.
    int find(int mounted, std::size_t& place) const noexcept {
        struct statx status = {};
        if (mounted < 0 || sys_statx(mounted, "", AT_EMPTY_PATH, kMountId, status) != 0) {
            return errno;
        }
        if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0) {
            return EINVAL;
        }
        place = 0;
        while (place < mounts_.count && mounts_.ids[place] != status.stx_mnt_id) {
            ++place;
        }
        return place < mounts_.count ? 0 : EPERM;
    }

    static int refuse(int error) noexcept {
        errno = error;
        return -1;
    }

    static constexpr unsigned kMountId = STATX_MNT_ID;

    const Request& request_;
    std::uint32_t may_mount_;
    int processes_;
    JailMounts& mounts_;
};

/// @return 0 or an errno.
int handle(Request& request,
           int listener,
           std::uint32_t may_mount,
           int processes,
           JailMounts& mounts) noexcept {
    const auto caller = static_cast<pid_t>(request.call.pid);
    if (!is_root_of_jail(caller)) {
        return EPERM;
    }
    if (const int error = read_strings(request); error != 0) {
        return error;
    }
    if (const int error = enter_callers_root(processes, caller); error != 0) {
        return error;
    }
    // All that was until its number could have become another process's.
    if (sys_ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &request.call.id) != 0) {
        return EINTR;
    }
    return Performer{request, may_mount, processes, mounts}.perform();
}

void answer(int listener, std::uint64_t id, int error) noexcept {
    seccomp_notif_resp response = {};
    response.id = id;
    response.error = -error;
    sys_ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);  // fails when the caller is gone
}

}  // namespace

MountRequests::MountRequests(const JailPlan& plan, int processes) noexcept
    : listener_{plan.mount_requests}, processes_{processes}, may_mount_{plan.flags.may_mount} {
    if (listener_ < 0) {
        return;
    }
    void* memory = ::mmap(
        nullptr, sizeof(JailMounts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    // Without a listener every request is answered with ENOSYS.
    listener_ = memory == MAP_FAILED ? (::close(listener_), -1) : listener_;
    mounts_ = memory == MAP_FAILED ? nullptr : static_cast<JailMounts*>(memory);
}

void MountRequests::ended(pid_t child) noexcept {
    if (child == child_ && child_ != 0) {
        child_ = 0;
        answer(listener_, request_, EINTR);  // in vain, unless the child was killed
    }
}

void MountRequests::serve() noexcept {
    Request request;
    if (sys_ioctl(listener_, SECCOMP_IOCTL_NOTIF_RECV, &request.call) != 0) {
        return;  // the caller was killed meanwhile
    }
    request_ = request.call.id;
    const auto child = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    if (child > 0) {
        child_ = child;
        return;
    }
    const int error =
        child < 0 ? errno : handle(request, listener_, may_mount_, processes_, *mounts_);
    answer(listener_, request.call.id, error);
    if (child == 0) {
        ::_exit(0);
    }
}

}  // namespace brig::host_linux
