// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/status.hpp"

#include <string>

namespace brig::archive {

/// Writes the tree below `root` to standard output as an uncompressed pax archive, with everything
/// that `unpack` restores, in the order of names: the same tree gives the same bytes. If it is to
/// be `digested`, tells the facts digest and size, and leaves
/// out the time of the root itself. Follows no symbolic link and enters no other
/// file system: a mount point is packed as an empty directory. Sockets are left out, which a
/// warning says. Confines this process to `root` first.
///
/// @throws Error{system} when something could not be read or written.
void pack(const std::string& root, bool digested, Status& status);

}  // namespace brig::archive
