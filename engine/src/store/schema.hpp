// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "store/sqlite.hpp"

#include <filesystem>
#include <optional>

namespace brig {

/// Opens the database `file` and brings its schema up to date; nothing when there is none, or
/// when nothing was ever kept in it.
/// @throws Error{invalid_config} when it was made by a newer brig.
[[nodiscard]] std::optional<Database> open_store_database(const std::filesystem::path& file);

/// The same, but makes the directory (mode 0700) and the database where they do not exist.
[[nodiscard]] Database create_store_database(const std::filesystem::path& file);

}  // namespace brig
