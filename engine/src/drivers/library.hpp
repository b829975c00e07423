// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"

#include <filesystem>

namespace brig {

/// Loads the shared object at `path` into the process, for good, and returns what its entry
/// returns. It is never unloaded: a thread or a thread-specific destructor of the driver would
/// crash the process when its code is gone.
///
/// @param path absolute, canonical and trusted
/// @throws Error{bad_driver} that says precisely what is wrong with the file.
[[nodiscard]] const brig_driver* load_driver_library(const std::filesystem::path& path);

}  // namespace brig
