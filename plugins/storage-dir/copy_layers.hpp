// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <string>
#include <vector>

namespace brig::storage_dir {

/// How the files of a copy are made.
enum class Files {
    copied,
    sharing_blocks,  ///< reflink, or fail
    /// Other names of the same files, where the file system allows that: for a copy that is never
    /// written to.
    linked
};

/// What is copied, and where to.
struct LayersCopy {
    std::vector<UniqueFd> trees;  ///< the roots of layers, the topmost first
    int to;                       ///< an empty folder; gets the owner, mode and times as well
    Files files;
    std::string path;  ///< of the topmost, for messages
};

/// Copies what a stack of layers looks like when it is mounted: owners, modes, times, hard links,
/// symbolic links, holes, extended attributes, device nodes and pipes. Never enters another mount.
/// @throws Error; BRIG_CANCELLED soon after the user asked for it
void copy_layers(const sdk::Call& call, const LayersCopy& copy);

}  // namespace brig::storage_dir
