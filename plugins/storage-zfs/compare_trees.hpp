// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace brig::storage_zfs {

/// Is told "added", "changed" or "deleted", and a path that begins with '/'.
using Report = std::function<void(const char* kind, const std::string& path)>;

/// A tree that does not change, and when it was frozen.
struct Before {
    std::string path;        ///< "": an empty tree
    std::int64_t taken = 0;  ///< in seconds since 1970
};

/// Compares two trees, and never leaves either: neither by a symbolic link nor into a mount.
void compare_trees(const sdk::Call& call,
                   const Before& before,
                   const std::string& after,
                   const Report& report);

}  // namespace brig::storage_zfs
