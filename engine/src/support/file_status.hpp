// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace brig {

/// Who a file belongs to and who may do what with it.
struct FileStatus {
    uid_t owner = 0;
    gid_t group = 0;
    mode_t permissions = 0;  ///< the lower twelve bits
    bool regular = false;
    bool folder = false;
};

/// The status of `path` itself, not of what a symbolic link points to; nothing if it is not there.
/// @throws Error{system}, Error{permission}
[[nodiscard]] std::optional<FileStatus> file_status(const std::filesystem::path& path);

/// Whether `path` still leads to what is open as `fd`: it may have been removed, or replaced,
/// since.
[[nodiscard]] bool is_still_at(int fd, const std::filesystem::path& path);

/// The user this process acts as.
[[nodiscard]] uid_t effective_user() noexcept;

}  // namespace brig
