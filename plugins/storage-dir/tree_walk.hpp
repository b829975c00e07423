// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <sys/stat.h>

#include <functional>
#include <string>

namespace brig::storage_dir {

/// An entry that a walk came by.
struct Visited {
    int folder;  ///< the folder it is in, open
    const std::string& name;
    const struct stat& status;
};

/// Calls `visit` for everything below the folder `top`, a folder before what is in it, which is
/// left out if `visit` returns false. Follows no symbolic link and enters no other mount. Depth
/// costs neither descriptors nor stack. What goes while it is looked for is left out.
///
/// @param path for messages
/// @throws Error{BRIG_UNAVAILABLE} if a folder was moved while the walk was deep in it
void walk_tree(UniqueFd top,
               const std::string& path,
               const std::function<bool(const Visited&)>& visit);

/// Calls `use` with each name in the folder, without "." and "..", as they are read: there may be
/// many.
void each_name_in(int folder,
                  const std::string& path,
                  const std::function<void(const std::string&)>& use);

}  // namespace brig::storage_dir
