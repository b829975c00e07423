// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "drivers/driver_files.hpp"

#include <vector>

namespace brig {

/// The drivers of `sources`, sorted by name, without running code of files that have a manifest. Of
/// one name the first counts, as when it is loaded. Whatever is wrong with a driver is in its
/// entry's `error`.
[[nodiscard]] std::vector<DriverInfo> list_drivers(const DriverSources& sources);

}  // namespace brig
