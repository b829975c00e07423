// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"

#include <filesystem>
#include <string>

namespace brig {

/// What the manifest beside a driver says about it (NAME.toml, made by brig-driver-manifest).
/// A manifest that cannot be understood, or is not that of `file`, gives an entry with its `error`
/// set: one broken driver must not hide the others.
///
/// @param text the manifest
/// @param file the driver's shared object, NAME.so
[[nodiscard]] DriverInfo parse_driver_manifest(const std::string& text,
                                               const std::filesystem::path& file);

}  // namespace brig
