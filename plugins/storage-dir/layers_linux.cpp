// SPDX-License-Identifier: BSD-2-Clause
#include "os_layers.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <array>
#include <climits>

/// overlayfs; see Documentation/filesystems/overlayfs.rst of the kernel. Of its two sets of
/// attributes only `trusted.` counts: `user.` would be for mounts with `userxattr`, which ours are
/// not, and a container may set those as it likes.
namespace brig::storage_dir::os {

namespace {

std::string attribute(int fd, const char* name) {
    std::array<char, PATH_MAX> value;  // NOLINT(*-member-init): read into
    const ssize_t length = ::fgetxattr(fd, name, value.data(), value.size());
    return length > 0 ? std::string(value.data(), static_cast<std::size_t>(length)) : std::string{};
}

}  // namespace

const int kUnnoticed = O_NOATIME;

bool is_whiteout(const struct stat& status) noexcept {
    return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0);
}

std::set<std::string> hidden_whiteouts(int /*folder*/, const std::string& /*path*/) {
    return {};
}

Covering covering_of(int folder, const std::string& name) {
    const UniqueFd fd{open_below(folder, name)};
    if (!fd) {
        return {};
    }
    return {attribute(fd.get(), "trusted.overlay.opaque") == "y",
            attribute(fd.get(), "trusted.overlay.redirect")};
}

bool is_mount_point(int folder, const std::string& name) noexcept {
    struct statx here {};
    struct statx there {};
    return ::statx(folder, "", AT_EMPTY_PATH, STATX_MNT_ID, &here) != 0
           || ::statx(folder, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &there) != 0
           || here.stx_mnt_id != there.stx_mnt_id;
}

int open_below(int root, const std::string& path) noexcept {
    struct open_how how {};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
    // The kernel takes PATH_MAX at a time.
    std::array<char, PATH_MAX> part;  // NOLINT(*-member-init): filled below
    UniqueFd above;
    std::size_t begin = 0;
    for (;;) {
        std::size_t length = path.size() - begin;
        if (length >= part.size()) {
            length = path.rfind('/', begin + part.size() - 1) - begin;
        }
        part.at(path.copy(part.data(), length, begin)) = '\0';
        const char* name = length == 0 ? "." : part.data();
        const int folder = above ? above.get() : root;
        UniqueFd next{static_cast<int>(::syscall(SYS_openat2, folder, name, &how, sizeof how))};
        begin += length + 1;
        if (!next || begin >= path.size()) {
            return next.release();
        }
        above = std::move(next);
    }
}

}  // namespace brig::storage_dir::os
