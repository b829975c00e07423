// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/status.hpp"

#include <cstdint>
#include <string>

namespace brig::archive {

struct UnpackOptions {
    bool layered = false;        ///< layers, as read_oci() writes them, one over the other
    bool digested = false;       ///< tell the SHA-256 of the archive
    std::uint64_t max_size = 0;  ///< refuse more content; 0: no limit
};

/// Unpacks the tar archive on standard input below the empty directory `root`, with everything that
/// a file has: owner, mode, times, hard links, extended attributes, access control lists, holes.
/// Confines this process to `root` first.
///
/// @throws Error{invalid_config} when the archive is malformed, truncated or would leave the root;
/// Error{system} when the root could not take it. What was unpacked until then is left.
void unpack(const std::string& root, const UnpackOptions& options, Status& status);

}  // namespace brig::archive
