// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "images/source.hpp"
#include "support/log.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace brig {

/// Where to unpack, and with what.
struct ImportTarget {
    const std::filesystem::path& libexec;
    const std::filesystem::path& root;  ///< an empty directory that the caller owns
    const Log& log;
    std::uint64_t max_size = 0;  ///< of content, in bytes; 0: no limit
    int lock_fd = -1;            ///< held by what works in the root, also if we are killed
};

struct ImportResult {
    std::uint64_t entries = 0;   ///< files, directories, links and so on
    std::uint64_t bytes = 0;     ///< content of regular files
    std::uint64_t warnings = 0;  ///< what could not be kept; the first are in the log
    std::string digest;          ///< "sha256:…" of the archive
};

/// The verb and options of brig-archive that unpack into `target`. @param digested whether the
/// archive's digest is wanted
[[nodiscard]] std::vector<std::string> unpack_words(const ImportTarget& target, bool digested);

/// Unpacks an archive below the target's root. brig-archive does it, confined to that: nothing that
/// an archive contains reaches the host.
///
/// `progress` is called about ten times a second, also while nothing arrives. Its bytes are those
/// read of an archive in a file, whose size then is the total, or else those unpacked.
///
/// After an exception the root holds what was unpacked until then; the caller removes it. No
/// process is left in any case.
///
/// @throws Error: invalid_config for an archive that is malformed, truncated, too large, or that
/// would leave the root; system when the host refused (disk full); interrupted when `progress`
/// returned false.
ImportResult import_archive(const ImportTarget& target,
                            const ArchiveFile& archive,
                            const ProgressSink& progress);

/// The same with a copy of the directory `path`.
/// @throws also not_found or permission when it is missing or cannot be read.
ImportResult import_directory(const ImportTarget& target,
                              const std::filesystem::path& path,
                              const ProgressSink& progress);

}  // namespace brig
