// SPDX-License-Identifier: BSD-2-Clause
#include "support/remove_tree.hpp"

#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brig {

namespace {

using FolderStream = std::unique_ptr<DIR, int (*)(DIR*)>;

/// Whether the open folder `fd`, found in `parent`, is where something is mounted.
bool is_mount_point([[maybe_unused]] int parent, int fd) {
#ifdef __linux__
    // A bind mount may be of the device that it lies on.
    struct statx status {};
    return ::statx(fd, "", AT_EMPTY_PATH, 0, &status) != 0
           || (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
#else
    struct stat here {};
    struct stat above {};
    return ::fstat(fd, &here) != 0 || ::fstat(parent, &above) != 0 || here.st_dev != above.st_dev;
#endif
}

class Remover {
  public:
    void remove(int parent, const std::string& name) {
        // Of a folder POSIX and FreeBSD say EPERM, Linux says EISDIR.
        if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) {
            return;
        }
        const int refusal = errno;
        UniqueFd folder{
            ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!folder) {
            // O_NOFOLLOW with O_DIRECTORY: ENOTDIR on Linux, EMLINK or ENOTDIR on FreeBSD.
            note(errno == ENOTDIR || errno == EMLINK ? refusal : errno);
            return;
        }
        if (is_mount_point(parent, folder.get())) {
            note(EBUSY);
            return;
        }
        empty(std::move(folder));
        if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0) {
            note(errno);
        }
    }

    [[nodiscard]] std::error_code failure() const noexcept { return failure_; }

  private:
    void empty(UniqueFd folder) {
        const FolderStream stream{::fdopendir(folder.get()), &::closedir};
        if (stream == nullptr) {
            note(errno);
            return;
        }
        static_cast<void>(folder.release());
        for (const std::string& name : names_in(stream.get())) {
            remove(::dirfd(stream.get()), name);
        }
    }

    /// All of them at once: removing moves entries under the reader's feet on some file systems.
    static std::vector<std::string> names_in(DIR* stream) {
        std::vector<std::string> names;
        while (const dirent* entry = ::readdir(stream)) {
            const std::string_view name{static_cast<const char*>(entry->d_name)};
            if (name != "." && name != "..") {
                names.emplace_back(name);
            }
        }
        return names;
    }

    void note(int error_number) {
        if (!failure_) {
            failure_ = {error_number, std::generic_category()};
        }
    }

    std::error_code failure_;
};

}  // namespace

std::error_code remove_tree(const std::filesystem::path& path) {
    const std::filesystem::path above = path.has_parent_path() ? path.parent_path() : ".";
    const UniqueFd parent{::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!parent) {
        return errno == ENOENT ? std::error_code{}
                               : std::error_code{errno, std::generic_category()};
    }
    Remover remover;
    remover.remove(parent.get(), path.filename());
    return remover.failure();
}

void remove_if_there(const std::filesystem::path& file) {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
        throw_system_error(errno, fmt::format("remove {}", file.native()));
    }
}

}  // namespace brig
