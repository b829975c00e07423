// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace brig {

/// Where drivers come from: the program itself, then folders, in order.
struct DriverSources {
    std::vector<EmbeddedDriver> embedded;
    std::vector<std::filesystem::path> folders;

    /// Null if the program does not have that driver.
    [[nodiscard]] const EmbeddedDriver* find_embedded(const std::string& name) const;
};

/// The driver files in `folders` by name, those of one name in the order in which they are found:
/// the first is the one that is loaded. Folders that cannot be read have none.
[[nodiscard]] std::map<std::string, std::vector<std::filesystem::path>> driver_files(
    const std::vector<std::filesystem::path>& folders);

}  // namespace brig
