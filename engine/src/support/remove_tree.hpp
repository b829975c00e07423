// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <system_error>

namespace brig {

/// Removes `path` and everything below it; nothing there is fine. A symbolic link is removed, never
/// followed. What is mounted below is neither entered nor unmounted.
///
/// Not std::filesystem::remove_all, which enters mounts, and which libc++ 14 cannot do on FreeBSD
/// where there is a symbolic link: open(2) says EMLINK there for what is ELOOP elsewhere.
///
/// @return the first failure; what else can be removed is removed nevertheless.
std::error_code remove_tree(const std::filesystem::path& path);

/// Removes one file, or a symbolic link; not there is fine. @throws Error{system}
void remove_if_there(const std::filesystem::path& file);

}  // namespace brig
