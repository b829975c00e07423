// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <string>

/// What tests of storage drivers mount themselves, and look for: mounts_linux.cpp and
/// mounts_freebsd.cpp.
namespace brig::test {

/// What is mounted on `folder` or below it, a line for each.
[[nodiscard]] std::string mounts_below(const std::filesystem::path& folder);

/// Puts an empty tmpfs there. False, with errno, if that fails; so does unmount().
[[nodiscard]] bool mount_tmpfs(const std::filesystem::path& folder);
[[nodiscard]] bool unmount(const std::filesystem::path& folder);

/// Makes a device node that anybody may read, one that the host has at /dev/zero.
[[nodiscard]] bool make_zero_device(const std::filesystem::path& file);

}  // namespace brig::test
