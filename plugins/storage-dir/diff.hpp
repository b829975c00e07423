// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <optional>
#include <string>

namespace brig::storage_dir {

/// Reports every path that is another than in the volume's snapshot `since`, or in what the volume
/// was cloned from. Only reads, and looks at layers rather than through a mount.
/// @throws Error{BRIG_UNSUPPORTED} if that is not known any more
void report_changes(const sdk::Call& call,
                    const Shelves& shelves,
                    const Entry& volume,
                    const std::optional<std::string>& since);

}  // namespace brig::storage_dir
