// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "support/log.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace brig {

struct PackRequest {
    const std::filesystem::path& libexec;
    const std::filesystem::path& root;
    Compression compression = Compression::none;  ///< not automatic
    int out = -1;                                 ///< borrowed
    int lock_fd = -1;                             ///< as in ImportTarget
};

struct Packed {
    std::string diff_id;  ///< "sha256:…" of the tar archive
    std::string digest;   ///< of what was written
    std::uint64_t size = 0;
};

/// Writes everything below a root as a tar archive, the same bytes each time. One process reads the
/// files, confined to them, another compresses.
Packed pack_root(const PackRequest& request, const ProgressSink& progress, const Log& log);

/// "gzip", "xz", "zstd", "none".
[[nodiscard]] std::string to_string(Compression compression);

}  // namespace brig
