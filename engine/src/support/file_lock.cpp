// SPDX-License-Identifier: BSD-2-Clause
#include "support/file_lock.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace brig {

void lock_file(int fd, int operation, const std::filesystem::path& file) {
    while (::flock(fd, operation) != 0) {
        if (errno != EINTR) {
            throw_system_error(errno, fmt::format("lock {}", file.native()));
        }
    }
}

UniqueFd lock_folder(const std::filesystem::path& folder, int operation) {
    UniqueFd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd && errno == ENOENT) {
        return fd;
    }
    check(fd.get(), "open {}", folder.native());
    lock_file(fd.get(), operation, folder);
    return fd;
}

}  // namespace brig
