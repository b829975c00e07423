// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/contents.hpp"
#include "images/import.hpp"

#include <filesystem>

namespace brig {

/// Fetches an archive and unpacks it below the target's root, once its SHA-256 is what it should
/// be. Downloads are kept in a folder of `state` until they are complete and unpacked.
Contents import_url(const ImportTarget& target,
                    const std::filesystem::path& state,
                    const FromUrl& source,
                    const ProgressSink& progress);

}  // namespace brig
