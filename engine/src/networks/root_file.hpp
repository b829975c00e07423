// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"

#include <filesystem>
#include <string>

namespace brig {

/// A file that is to be in a container's root.
struct RootFile {
    std::string folder;  ///< in the root: "/etc"
    std::string name;
    std::string text;
};

/// Puts it there, in one step and in the place of what was there. The folder is found as a process
/// in the container would find it; where there is none, nothing happens. The container may work
/// against it at the same time: then there is a warning, and nothing is written outside.
void replace_in_root(Context& context, const std::filesystem::path& root, const RootFile& file);

}  // namespace brig
