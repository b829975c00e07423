// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <sys/stat.h>

#include <set>
#include <string>

/// How the layers of this operating system's layered mounts mark what they cover: layers_linux.cpp
/// and layers_freebsd.cpp.
namespace brig::storage_dir::os {

/// A flag of open(2) to read without leaving a time of access behind, or 0.
extern const int kUnnoticed;

/// Is that what a layer has in place of a name that it takes away?
[[nodiscard]] bool is_whiteout(const struct stat& status) noexcept;

/// The names that a folder of a layer takes away by what cannot be seen by name.
[[nodiscard]] std::set<std::string> hidden_whiteouts(int folder, const std::string& path);

/// How a folder of a layer relates to those below it.
struct Covering {
    bool opaque = false;   ///< nothing of them is seen through it
    std::string redirect;  ///< where they are: "NAME" beside it, "/PATH" from the root, or ""
};

[[nodiscard]] Covering covering_of(int folder, const std::string& name);

/// Is something mounted on `name`, which is on another device than `folder`?
[[nodiscard]] bool is_mount_point(int folder, const std::string& name) noexcept;

/// Opens the folder `path` of the layer `root` for reading; "" is the root. Follows no symbolic
/// link, enters no other mount, and takes paths of any length. -1 and errno if that fails.
[[nodiscard]] int open_below(int root, const std::string& path) noexcept;

}  // namespace brig::storage_dir::os
