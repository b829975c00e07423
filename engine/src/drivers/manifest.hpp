// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "drivers/driver_files.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// Asks the driver in a file what it is. @throws Error
using AskDriver = std::function<DriverInfo(const std::filesystem::path& file)>;

/// The drivers of `sources`, sorted by name; only those without a manifest are asked. Whatever is
/// wrong with a driver is in its entry's `error`: that it is hidden by one of the same name, too.
[[nodiscard]] std::vector<DriverInfo> list_drivers(const DriverSources& sources,
                                                   const AskDriver& ask);

/// In what the manifest beside `file` differs from what the driver says, as a sentence; nothing
/// when it does not, or when there is none.
[[nodiscard]] std::optional<std::string> manifest_lie(const DriverInfo& said,
                                                      const std::filesystem::path& file);

}  // namespace brig
