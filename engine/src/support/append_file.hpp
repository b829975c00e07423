// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <filesystem>

namespace brig {

/// Opens the log `file` for appending, or makes it with mode 0600.
///
/// Whoever lives in the folder `hostile` (a container's root) cannot turn what is written to
/// another file: below it no symbolic link is followed, as jail(8) has it for exec.consolelog.
/// Anywhere, the file itself must be an ordinary one with a single name, belong to this user, and
/// be writable by nobody else.
///
/// @throws Error{invalid_config} for a path that is not absolute or has a "..", and for a file that
///         is not as described; Error{system}, Error{permission} with what the kernel says.
[[nodiscard]] UniqueFd open_append_file(const std::filesystem::path& file,
                                        const std::filesystem::path& hostile);

}  // namespace brig
