// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"

#include <filesystem>

namespace brig {

/// Gives an empty volume the content of a directory, with its owner and mode. A volume that holds
/// anything, be it a hidden file, stays as it is.
///
/// The copy is made in a hidden folder of the volume, which a crash may leave behind and the next
/// call completes: nothing that was there before or came meanwhile is ever replaced. The caller
/// holds the volume's lock.
///
/// @param from a directory on the host, reached without a symbolic link; its content may be hostile
/// @param root of the volume, which is active; its content may be hostile
/// @param lock_fd the lock of the container, which what copies holds as well
void populate_if_empty(const Context& context,
                       const std::filesystem::path& from,
                       const std::filesystem::path& root,
                       int lock_fd);

}  // namespace brig
