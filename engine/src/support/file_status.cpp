// SPDX-License-Identifier: BSD-2-Clause
#include "support/file_status.hpp"

#include "support/check.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace brig {

std::optional<FileStatus> file_status(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        throw_system_error(errno, "look at '" + path.string() + "'");
    }
    constexpr mode_t kPermissions = 07777;
    return FileStatus{status.st_uid,
                      status.st_gid,
                      static_cast<mode_t>(status.st_mode & kPermissions),
                      S_ISREG(status.st_mode),
                      S_ISDIR(status.st_mode)};
}

bool is_still_at(int fd, const std::filesystem::path& path) {
    struct stat open {};
    struct stat named {};
    return ::fstat(fd, &open) == 0 && ::stat(path.c_str(), &named) == 0
           && named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

uid_t effective_user() noexcept {
    return ::geteuid();
}

}  // namespace brig
