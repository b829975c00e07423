// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "support/log.hpp"

#include <cstdint>
#include <filesystem>

namespace brig {

struct ImportResult {
    std::uint64_t entries = 0;   ///< files, directories, links and so on
    std::uint64_t bytes = 0;     ///< content of regular files
    std::uint64_t warnings = 0;  ///< what could not be kept; the first are in the log
};

/// Unpacks `source` below `root`, an empty directory that the caller owns. brig-archive in
/// `libexec` does it, confined to `root`: nothing that an archive contains reaches the host.
///
/// `progress` is called about ten times a second, also while nothing arrives. Its bytes are those
/// read of an archive in a file, whose size then is the total, or else those unpacked.
///
/// After an exception `root` holds what was unpacked until then; the caller removes it. No process
/// is left in any case.
///
/// @throws Error: not_found, permission or invalid_config for a source that is missing, unreadable,
/// of the wrong kind, malformed, truncated, or that would leave the root; system when the host
/// refused (disk full); interrupted when `progress` returned false.
ImportResult import_into(const std::filesystem::path& libexec,
                         const ImageSource& source,
                         const std::filesystem::path& root,
                         const ProgressSink& progress,
                         const Log& log);

}  // namespace brig
