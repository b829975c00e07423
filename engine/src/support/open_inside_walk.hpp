// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <string>

namespace brig {

/// Opens `path` as a process would that is chrooted to the open directory `root`: an absolute
/// symbolic link starts over at `root`, `..` stops there. For hosts without openat2(2); needs
/// nothing but openat(2) and readlinkat(2).
///
/// A tree that changes meanwhile can make the walk fail, never leave `root`: every step opens one
/// component below a descriptor of its own and follows no link, and `..` goes back to the
/// descriptor it came from.
///
/// `flags` as for open(2); O_CLOEXEC and O_NONBLOCK (against a FIFO planted in the tree) are added.
///
/// @return an empty descriptor when there is nothing.
/// @throws Error{invalid_config} when it is neither a file nor a directory, Error{system} with
///         ELOOP after 40 symbolic links, or what the kernel says.
[[nodiscard]] UniqueFd open_inside_walk(int root, const std::string& path, int flags);

}  // namespace brig
