// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/status.hpp"

#include <string>

namespace brig::archive {

/// Copies standard input to standard output, compressed with gzip, xz or zstd: the same bytes each
/// time. Tells the facts digest and size of what was written. Confines this process to `directory`
/// first.
void compress(const std::string& directory, const std::string& method, Status& status);

}  // namespace brig::archive
