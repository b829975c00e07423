// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace brig {

/// What the manifest beside a driver says about it (NAME.toml, made by brig-driver-manifest).
/// A manifest that cannot be understood, or is not that of `file`, gives an entry with its `error`
/// set: one broken driver must not hide the others.
///
/// @param text the manifest
/// @param file the driver's shared object, NAME.so
[[nodiscard]] DriverInfo parse_driver_manifest(const std::string& text,
                                               const std::filesystem::path& file);

/// Capability bits as words: "clone", "vnet".
[[nodiscard]] std::vector<std::string> capability_names(std::uint64_t caps);

}  // namespace brig
