// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <functional>
#include <string>

namespace brig::storage_zfs {

/// Is told "added", "changed" or "deleted", and a path that begins with '/'.
using Report = std::function<void(const char* kind, const std::string& path)>;

/// Compares two trees, and never leaves either: neither by a symbolic link nor into a mount.
/// @param before the path of the earlier one; "": an empty one
void compare_trees(const sdk::Call& call,
                   const std::string& before,
                   const std::string& after,
                   const Report& report);

}  // namespace brig::storage_zfs
