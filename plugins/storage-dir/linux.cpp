// SPDX-License-Identifier: BSD-2-Clause
#include "mountinfo_linux.hpp"
#include "os.hpp"
#include "remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cstring>

namespace brig::storage_dir::os {

const std::string_view kLayering = "overlay";

// The work folder is overlayfs's own, on the same file system as the tree. The volume is mounted
// over its own tree: one folder less to make and to remove for each container, and nobody can
// change the tree behind the mount.
const std::vector<std::string> kLayeredFolders{"work"};
const std::vector<std::string> kLayeredRemoval{
    "work/work/incompat/volatile", "work/work/incompat", "work/work", "work"};
const std::string kLayeredMark{"work/work/incompat/volatile/dirty"};
const std::size_t kMostMounted = kMaxLayers;
const std::string kMountPoint{"tree"};

namespace {

/// mount(2) takes one page of options.
constexpr std::size_t kMaxOptions = 4000;
constexpr const char* kOverlay = "overlay";

/// Characters that mean something in overlayfs's options; older kernels cannot escape them all.
bool is_plain(const std::string& path) {
    return path.find_first_of(":,\\\"") == std::string::npos;
}

/// The options of an overlay mount. Paths that cannot stand there by their own name are named by
/// an open descriptor, which every kernel follows; the descriptors live as long as this.
class OverlayOptions {
  public:
    explicit OverlayOptions(const LayeredMount& request) {
        if (!is_plain(request.folder) || !join(request, &OverlayOptions::by_name)) {
            join(request, &OverlayOptions::by_descriptor);
        }
    }

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    using Naming = std::string (OverlayOptions::*)(const std::string&);

    /// False if it became too long.
    bool join(const LayeredMount& request, Naming named) {
        // Nothing of the host's defaults: `redirect_dir` lets containers rename folders of the
        // image, `metacopy` and `index` would trust attributes that an image may bring along.
        text_ = "index=off,metacopy=off,redirect_dir=on";
        if (request.may_lose_data) {
            text_ += ",volatile";
        }
        text_ += ",upperdir=" + (this->*named)(request.upper);
        text_ += ",workdir=" + (this->*named)(request.folder + "/" + kLayeredFolders.front());
        const char* before = ",lowerdir=";
        for (const std::string& layer : request.lower) {
            text_ += before + (this->*named)(layer);
            before = ":";
        }
        return text_.size() <= kMaxOptions;
    }

    std::string by_name(const std::string& path) {
        return is_plain(path) ? path : by_descriptor(path);
    }

    std::string by_descriptor(const std::string& path) {
        opened_.emplace_back(check(
            ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open layer '", path, "'"));
        return "/proc/self/fd/" + std::to_string(opened_.back().get());
    }

    std::string text_;
    std::vector<UniqueFd> opened_;
};

/// A volatile overlay leaves a mark that forbids to mount it again, since a crash of the machine
/// may have damaged it. Who asked for that has taken it into account.
void remove_volatile_mark(const std::string& volume) {
    const UniqueFd work{::open((volume + "/" + kLayeredFolders.front() + "/work").c_str(),
                               O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (work) {
        remove_tree(work.get(), "incompat", volume);
    }
}

[[noreturn]] void fail_to_mount(int error_number, const std::string& path) {
    const std::string attempt = "mount the layers of '" + path + "'";
    struct statfs status {};
    if (error_number == EINVAL && ::statfs(path.c_str(), &status) == 0
        && status.f_type == OVERLAYFS_SUPER_MAGIC) {
        throw Error{
            BRIG_UNSUPPORTED,
            attempt + ": the storage itself lies on an overlay, which cannot be layered again",
            "put the storage's 'path' on ext4, xfs, btrfs or tmpfs (in a container: on a "
            "volume), or use clone = \"copy\""};
    }
    if (error_number == EINVAL || error_number == ENODEV) {
        throw Error{BRIG_UNSUPPORTED,
                    attempt + ": the kernel refuses overlayfs here",
                    "its reason is in the kernel's log (dmesg); clone = \"copy\" does without"};
    }
    throw_errno(error_number, attempt);
}

bool is_overlay(int folder, const std::string& name) {
    const UniqueFd fd{
        ::openat(folder, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct statfs status {};
    return fd && ::fstatfs(fd.get(), &status) == 0 && status.f_type == OVERLAYFS_SUPER_MAGIC;
}

// ---- Who uses a mount ----

std::uint64_t mount_id(const std::string& path) {
    struct statx status {};
    const bool known = ::statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT, STATX_MNT_ID, &status) == 0
                       && (status.stx_mask & STATX_MNT_ID) != 0;
    return known ? status.stx_mnt_id : 0;
}

/// False as well if the process ended meanwhile, or may not be looked at.
bool any_link_leads_to(const std::string& folder, std::uint64_t mount) {
    const UniqueFd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::optional<std::vector<std::string>> names =
        fd ? try_names_in(fd.get()) : std::nullopt;
    return names && std::any_of(names->begin(), names->end(), [&](const std::string& name) {
               return mount_id(folder + "/" + name) == mount;
           });
}

/// How the process `pid` uses `mount`, or "".
std::string use_of(const std::string& process, std::uint64_t mount) {
    if (mount_id(process + "/cwd") == mount) {
        return "works in it";
    }
    if (mount_id(process + "/root") == mount) {
        return "has its root in it";
    }
    if (any_link_leads_to(process + "/fd", mount)) {
        return "has a file of it open";
    }
    if (mount_id(process + "/exe") == mount || any_link_leads_to(process + "/map_files", mount)) {
        return "runs a program of it";
    }
    return {};
}

/// The command of a process as the kernel shows it.
std::string command_of(const std::string& process) {
    const UniqueFd fd{::open((process + "/comm").c_str(), O_RDONLY | O_CLOEXEC)};
    std::string name(64, '\0');
    const ssize_t length = fd ? ::read(fd.get(), name.data(), name.size()) : 0;
    name.resize(length > 0 ? static_cast<std::size_t>(length) - 1 : 0);
    return name;
}

/// "process 123 (sh) works in it", or "" if nobody can be found.
std::string find_user(const std::string& mount_point) {
    const std::uint64_t mount = mount_id(mount_point);
    const UniqueFd processes{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!processes || mount == 0) {
        return {};
    }
    for (const std::string& pid : names_in(processes.get(), "/proc")) {
        if (pid.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        const std::string process = "/proc/" + pid;
        if (const std::string use = use_of(process, mount); !use.empty()) {
            return joined("process ", pid, " (", command_of(process), ") ", use);
        }
    }
    return {};
}

[[noreturn]] void refuse_busy(const std::string& mount_point) {
    const std::optional<std::string> inner = find_mount_below(mount_point + "/.");
    const std::string user = inner ? "'" + *inner + "' is mounted in it" : find_user(mount_point);
    throw Error{BRIG_BUSY,
                "'" + mount_point + "' is in use" + (user.empty() ? "" : ": " + user),
                "end what uses it, then try again"};
}

}  // namespace

bool can_layer(const std::string& folder) noexcept {
    // overlayfs cannot write to itself (the usual state inside of Docker), nor to NFS.
    struct statfs status {};
    return ::statfs(folder.c_str(), &status) != 0
           || (status.f_type != OVERLAYFS_SUPER_MAGIC && status.f_type != NFS_SUPER_MAGIC);
}

void mount_layers(const LayeredMount& request) {
    const OverlayOptions options{request};
    if (request.may_lose_data) {
        remove_volatile_mark(request.folder);
    }
    // No device files: those of an image would open the host's disks to the container.
    if (::mount(
            request.tag.c_str(), request.upper.c_str(), kOverlay, MS_NODEV, options.text().c_str())
        != 0) {
        fail_to_mount(errno, request.folder);
    }
}

Mounted mounted_on(int folder, const std::string& name) {
    struct statx status {};
    if (::statx(folder, name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &status)
        != 0) {
        check_unless(ENOENT, -1, "examine '", name, "'");
        return Mounted::nothing;
    }
    if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0) {
        return Mounted::nothing;
    }
    return is_overlay(folder, name) ? Mounted::layers : Mounted::something_else;
}

void unmount_layers(const std::string& mount_point, bool force) {
    if (::umount2(mount_point.c_str(), UMOUNT_NOFOLLOW) == 0 || errno == EINVAL
        || errno == ENOENT) {
        return;
    }
    if (errno != EBUSY) {
        throw_errno(errno, "unmount '" + mount_point + "'");
    }
    if (!force) {
        refuse_busy(mount_point);
    }
    check(::umount2(mount_point.c_str(), UMOUNT_NOFOLLOW | MNT_DETACH),
          "unmount '",
          mount_point,
          "' by force");
}

std::optional<std::string> find_mount_below(const std::string& path) {
    // The kernel writes paths without links, so compare with the same.
    const bool strictly = path.size() > 2 && path.compare(path.size() - 2, 2, "/.") == 0;
    const UniqueFd folder{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!folder) {
        check_unless(ENOENT, -1, "open folder '", path, "'");
        return std::nullopt;
    }
    const std::string real = read_link(AT_FDCWD, "/proc/self/fd/" + std::to_string(folder.get()));
    for (MountLine& mount : mount_table()) {
        const bool below = mount.point.compare(0, real.size() + 1, real + "/") == 0;
        if (below || (!strictly && mount.point == real)) {
            return std::move(mount.point);
        }
    }
    return std::nullopt;
}

int open_child(int folder, const char* name) noexcept {
    struct open_how how {};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
    return static_cast<int>(::syscall(SYS_openat2, folder, name, &how, sizeof how));
}

int open_uncovered(int folder, const char* name) noexcept {
    // A copy of the mount without those that lie on it. Nobody can see it, and it ends with the
    // descriptors. The C libraries and the kernel's headers disagree on where this is declared.
    constexpr unsigned kOpenTreeClone = 1;
    const UniqueFd bare{static_cast<int>(
        ::syscall(SYS_open_tree, folder, name, kOpenTreeClone | O_CLOEXEC | AT_SYMLINK_NOFOLLOW))};
    return bare ? ::openat(bare.get(), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
}

bool clear_immutable(int folder, const char* name) noexcept {
    const UniqueFd fd{::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    int flags = 0;
    if (!fd || ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) != 0
        || (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) == 0) {
        return false;
    }
    flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    return ::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0;
}

void clear_whiteouts(int /*folder*/, const std::string& /*path*/) {
    // Those of overlayfs are devices, which are seen and removed as such.
}

void copy_attributes(int from, int to, const std::string& path) {
    const ssize_t size = ::flistxattr(from, nullptr, 0);
    if (size < 0 && errno == EOPNOTSUPP) {
        return;
    }
    std::string names(static_cast<std::size_t>(check(size, "list attributes of '", path, "'")),
                      '\0');
    names.resize(static_cast<std::size_t>(
        check(::flistxattr(from, names.data(), names.size()), "list attributes of '", path, "'")));
    std::string value;
    for (std::size_t at = 0; at < names.size(); at += std::strlen(&names[at]) + 1) {
        const char* name = &names[at];
        // What overlayfs notes in a layer means nothing in a copy.
        if (std::strncmp(name, "trusted.overlay.", 16) == 0) {
            continue;
        }
        value.resize(static_cast<std::size_t>(check(
            ::fgetxattr(from, name, nullptr, 0), "read attribute '", name, "' of '", path, "'")));
        const ssize_t length = check(::fgetxattr(from, name, value.data(), value.size()),
                                     "read attribute '",
                                     name,
                                     "' of '",
                                     path,
                                     "'");
        check(::fsetxattr(to, name, value.data(), static_cast<std::size_t>(length), 0),
              "copy attribute '",
              name,
              "' of '",
              path,
              "'");
    }
}

bool share_blocks(int from, int to) noexcept {
    return ::ioctl(to, FICLONE, from) == 0;
}

bool make_special(
    int folder, const char* name, unsigned mode, unsigned long device, const std::string& path) {
    check(::mknodat(folder, name, mode, device), "make a copy of '", path, "'");
    return true;
}

void require_layering(const std::string& path) {
    struct statfs status {};
    check(::statfs(path.c_str(), &status), "examine '", path, "'");
    if (status.f_type == OVERLAYFS_SUPER_MAGIC) {
        fail_to_mount(EINVAL, path);
    }
    // Opening a context loads the module and mounts nothing.
    const UniqueFd context{
        static_cast<int>(::syscall(SYS_fsopen, kOverlay, 1U /* FSOPEN_CLOEXEC */))};
    if (!context) {
        fail_to_mount(errno, path);
    }
}

}  // namespace brig::storage_dir::os
