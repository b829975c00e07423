// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <filesystem>

namespace brig {

/// Takes the lock of an open file or folder, and waits for it. It is let go of when the last
/// descriptor of that opening is closed, however the process ends.
///
/// @param operation flock(2)'s LOCK_SH or LOCK_EX
/// @param file      for messages: "lock FILE"
void lock_file(int fd, int operation, const std::filesystem::path& file);

/// Opens a folder and takes its lock; nothing where there is none.
[[nodiscard]] UniqueFd lock_folder(const std::filesystem::path& folder, int operation);

}  // namespace brig
