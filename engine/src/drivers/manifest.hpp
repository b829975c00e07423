// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"

#include <filesystem>
#include <vector>

namespace brig {

/// The drivers in `folders`, sorted by name, without running code of those that have a manifest.
/// Of one name the first folder's counts, as when it is loaded. Whatever is wrong with a driver is
/// in its entry's `error`.
[[nodiscard]] std::vector<DriverInfo> list_drivers(
    const std::vector<std::filesystem::path>& folders);

}  // namespace brig
