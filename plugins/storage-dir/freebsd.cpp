// SPDX-License-Identifier: BSD-2-Clause
#include "os.hpp"
#include "os_layers.hpp"

#include <fcntl.h>
#include <sys/acl.h>
#include <sys/extattr.h>
#include <sys/linker.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace brig::storage_dir::os {

const std::string_view kLayering = "unionfs";

// unionfs looks its upper layer up by path, so the mount may not cover it.
const std::vector<std::string> kLayeredFolders{"root"};
const std::vector<std::string> kLayeredRemoval{"root"};
const std::string kLayeredMark;
// unionfs on unionfs deadlocks within itself, at the latest on 15.1.
const std::size_t kMostMounted = 1;
const std::string kMountPoint{"root"};

namespace {

constexpr const char* kUnionfs = "unionfs";
constexpr const char* kNullfs = "nullfs";

/// A file system that is compiled in, loaded, or can be loaded.
bool has_file_system(const char* name) noexcept {
    struct xvfsconf configuration {};
    return ::getvfsbyname(name, &configuration) == 0 || ::kldload(name) >= 0 || errno == EEXIST;
}

/// The name and the value of one option of nmount(2), which does not write to them.
void add_option(std::vector<iovec>& options, const char* name, const std::string& value) {
    options.push_back({const_cast<char*>(name), std::strlen(name) + 1});
    options.push_back({const_cast<char*>(value.c_str()), value.size() + 1});
}

void mount_one(const char* type, const std::string& from, const std::string& on, bool read_only) {
    const std::string type_text{type};
    std::array<char, 255> message{};
    std::vector<iovec> options;
    add_option(options, "fstype", type_text);
    add_option(options, "fspath", on);
    add_option(options, "from", from);
    options.push_back({const_cast<char*>("errmsg"), sizeof "errmsg"});
    options.push_back({message.data(), message.size()});
    const int flags = read_only ? MNT_RDONLY : 0;
    if (::nmount(options.data(), static_cast<unsigned>(options.size()), flags) != 0) {
        const int error_number = errno;
        throw_errno(
            error_number,
            "mount '" + from + "' on '" + on + "' by " + type + " (" + message.data() + ")");
    }
}

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real{::realpath(path.c_str(), nullptr),
                                                           &std::free};
    return real != nullptr ? std::string{real.get()} : std::string{};
}

bool same_file_system(const struct statfs& a, const struct statfs& b) {
    return std::memcmp(&a.f_fsid, &b.f_fsid, sizeof a.f_fsid) == 0;
}

bool is_ours(const struct statfs& status) {
    const std::string_view type{static_cast<const char*>(status.f_fstypename)};
    return type == kUnionfs || type == kNullfs;
}

/// One of the mounts that lie on each other at `mount_point`.
bool is_layer_mounted(const std::string& mount_point) {
    struct statfs status {};
    return ::statfs(mount_point.c_str(), &status) == 0 && is_ours(status)
           && real_path(mount_point) == static_cast<const char*>(status.f_mntonname);
}

std::vector<struct statfs> all_mounts() {
    std::vector<struct statfs> mounts;
    int count = check(::getfsstat(nullptr, 0, MNT_NOWAIT), "list what is mounted");
    // Some more, for what is mounted in between.
    mounts.resize(static_cast<std::size_t>(count) + 16);
    count = check(
        ::getfsstat(
            mounts.data(), static_cast<long>(mounts.size() * sizeof(struct statfs)), MNT_NOWAIT),
        "list what is mounted");
    mounts.resize(static_cast<std::size_t>(count));
    return mounts;
}

void copy_extended(int from, int to, int space, const std::string& path) {
    const ssize_t size = ::extattr_list_fd(from, space, nullptr, 0);
    if (size < 0 && (errno == EOPNOTSUPP || errno == EPERM)) {
        return;
    }
    std::string names(static_cast<std::size_t>(check(size, "list attributes of '", path, "'")),
                      '\0');
    names.resize(
        static_cast<std::size_t>(check(::extattr_list_fd(from, space, names.data(), names.size()),
                                       "list attributes of '",
                                       path,
                                       "'")));
    // Each name has its length before it; see extattr_get_fd(2).
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t length = static_cast<unsigned char>(names[at]);
        const std::string name = names.substr(at + 1, length);
        at += 1 + length;
        std::string value(
            static_cast<std::size_t>(check(::extattr_get_fd(from, space, name.c_str(), nullptr, 0),
                                           "read attribute '",
                                           name,
                                           "' of '",
                                           path,
                                           "'")),
            '\0');
        check(::extattr_get_fd(from, space, name.c_str(), value.data(), value.size()),
              "read attribute '",
              name,
              "' of '",
              path,
              "'");
        check(::extattr_set_fd(to, space, name.c_str(), value.data(), value.size()),
              "copy attribute '",
              name,
              "' of '",
              path,
              "'");
    }
}

void copy_access_list(int from, int to, const std::string& path) {
    acl_type_t type = ACL_TYPE_NFS4;
    if (::fpathconf(from, _PC_ACL_NFS4) != 1) {
        type = ACL_TYPE_ACCESS;
        if (::fpathconf(from, _PC_ACL_EXTENDED) != 1) {
            return;
        }
    }
    acl_t list = ::acl_get_fd_np(from, type);
    check(list != nullptr ? 0 : -1, "read the access control list of '", path, "'");
    const std::unique_ptr<void, int (*)(void*)> owner{list, &::acl_free};
    check_unless(EOPNOTSUPP,
                 ::acl_set_fd_np(to, list, type),
                 "copy the access control list of '",
                 path,
                 "'");
}

}  // namespace

bool can_layer(const std::string& /*folder*/) noexcept {
    return has_file_system(kNullfs) && has_file_system(kUnionfs);
}

void mount_layers(const LayeredMount& request) {
    const std::string mount_point = request.folder + "/" + kMountPoint;
    unmount_layers(mount_point, false);
    try {
        mount_one(kNullfs, request.lower.front(), mount_point, true);
        mount_one(kUnionfs, request.upper, mount_point, false);
    } catch (const Error&) {
        unmount_layers(mount_point, true);
        throw;
    }
}

Mounted mounted_on(int folder, const std::string& name) {
    const UniqueFd fd{
        ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd) {
        check_unless(ENOENT, -1, "examine '", name, "'");
        return Mounted::nothing;
    }
    struct statfs here {};
    struct statfs above {};
    check(::fstatfs(fd.get(), &here), "examine '", name, "'");
    check(::fstatfs(folder, &above), "examine the folder of '", name, "'");
    if (same_file_system(here, above)) {
        return Mounted::nothing;
    }
    if (!is_ours(here)) {
        return Mounted::something_else;
    }
    // Only the topmost can be written to.
    return (here.f_flags & MNT_RDONLY) == 0 ? Mounted::layers : Mounted::some_layers;
}

void unmount_layers(const std::string& mount_point, bool force) {
    while (is_layer_mounted(mount_point)) {
        if (::unmount(mount_point.c_str(), force ? MNT_FORCE : 0) == 0) {
            continue;
        }
        if (errno != EBUSY) {
            throw_errno(errno, "unmount '" + mount_point + "'");
        }
        const std::optional<std::string> inner = find_mount_below(mount_point + "/.");
        throw Error{BRIG_BUSY,
                    "'" + mount_point + "' is in use"
                        + (inner ? ": '" + *inner + "' is mounted in it" : std::string{}),
                    "fstat -f " + mount_point + " names the processes; end them, then try again"};
    }
}

std::optional<std::string> find_mount_below(const std::string& path) {
    const bool strictly = path.size() > 2 && path.compare(path.size() - 2, 2, "/.") == 0;
    const std::string real = real_path(path);
    if (real.empty()) {
        return std::nullopt;
    }
    for (const struct statfs& mount : all_mounts()) {
        const std::string point{static_cast<const char*>(mount.f_mntonname)};
        const bool below = point.compare(0, real.size() + 1, real + "/") == 0;
        if (below || (!strictly && point == real)) {
            return point;
        }
    }
    return std::nullopt;
}

int open_child(int folder, const char* name) noexcept {
    UniqueFd fd{::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct statfs here {};
    struct statfs above {};
    if (!fd || ::fstatfs(fd.get(), &here) != 0 || ::fstatfs(folder, &above) != 0) {
        return -1;
    }
    if (!same_file_system(here, above)) {
        errno = EXDEV;
        return -1;
    }
    return fd.release();
}

int open_uncovered(int folder, const char* name) noexcept {
    // Layers are mounted beside the tree. What else is mounted in it is not entered.
    return ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool clear_immutable(int folder, const char* name) noexcept {
    constexpr fflags_t kImmutable =
        SF_IMMUTABLE | SF_APPEND | SF_NOUNLINK | UF_IMMUTABLE | UF_APPEND | UF_NOUNLINK;
    struct stat status {};
    return ::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
           && (status.st_flags & kImmutable) != 0
           && ::chflagsat(folder, name, status.st_flags & ~kImmutable, AT_SYMLINK_NOFOLLOW) == 0;
}

void clear_whiteouts(int folder, const std::string& path) {
    // ufs(7) hides them as well when a folder is to be removed, tmpfs(5) does not.
    for (const std::string& name : hidden_whiteouts(folder, path)) {
        // A file takes its place, and leaves nothing.
        const UniqueFd file{
            check(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR),
                  "take the whiteout '",
                  path + "/" + name,
                  "' away")};
        check(::unlinkat(folder, name.c_str(), 0), "remove '", path + "/" + name, "'");
    }
}

void copy_attributes(int from, int to, const std::string& path) {
    copy_extended(from, to, EXTATTR_NAMESPACE_USER, path);
    copy_extended(from, to, EXTATTR_NAMESPACE_SYSTEM, path);
    copy_access_list(from, to, path);
    // Last, since an immutable file takes nothing any more.
    struct stat status {};
    check(::fstat(from, &status), "examine '", path, "'");
    // That a folder hid what was below it means nothing in a copy.
    const auto flags = status.st_flags & ~static_cast<fflags_t>(UF_OPAQUE);
    if (flags != 0) {
        check_unless(EOPNOTSUPP, ::fchflags(to, flags), "give '", path, "' its flags");
    }
}

bool share_blocks(int /*from*/, int /*to*/) noexcept {
    return false;
}

bool make_special(
    int folder, const char* name, unsigned mode, unsigned long device, const std::string& path) {
    const auto file_mode = static_cast<mode_t>(mode);
    if (S_ISSOCK(file_mode)) {
        return false;  // only bind(2) makes one, and nobody listens on a copy
    }
    if (S_ISFIFO(file_mode)) {
        check(::mkfifoat(folder, name, file_mode), "make a copy of '", path, "'");
    } else {
        check(::mknodat(folder, name, file_mode, device), "make a copy of '", path, "'");
    }
    return true;
}

void require_layering(const std::string& path) {
    if (!can_layer(path)) {
        throw Error{BRIG_UNAVAILABLE,
                    "'" + path + "' cannot be layered: the kernel has no nullfs or no unionfs",
                    "load them: kldload nullfs unionfs; or use clone = \"copy\""};
    }
}

}  // namespace brig::storage_dir::os
