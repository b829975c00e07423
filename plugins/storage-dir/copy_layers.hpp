// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <string>

namespace brig::storage_dir {

/// Where a tree is copied from and to.
struct TreeCopy {
    int from;               ///< the folder whose content is copied
    int to;                 ///< an empty folder; gets the owner, mode and times as well
    bool share_blocks;      ///< reflink, or fail
    std::string from_path;  ///< for messages
};

/// Copies owners, modes, times, hard links, symbolic links, holes, extended attributes, device
/// nodes and pipes. Never enters another mount.
/// @throws Error; BRIG_CANCELLED soon after the user asked for it
void copy_tree(const sdk::Call& call, const TreeCopy& copy);

}  // namespace brig::storage_dir
