// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace brig {

/// The driver files in `folders` by name. Of one name the first folder's counts, as when it is
/// loaded; folders that cannot be read have none.
[[nodiscard]] std::map<std::string, std::filesystem::path> driver_files(
    const std::vector<std::filesystem::path>& folders);

}  // namespace brig
