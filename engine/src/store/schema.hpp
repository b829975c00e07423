// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "store/sqlite.hpp"

#include <filesystem>
#include <optional>
#include <span>

namespace brig {

/// Makes the folder, for root only, and those above it where there are none.
void make_private_folder(const std::filesystem::path& folder);

/// What brings a database from version N to N + 1, in order.
using Schema = std::span<const char* const>;

[[nodiscard]] Schema container_schema();

/// Leases and small state of drivers have a database of their own: most state directories never
/// get one, and the end of a container then finds out at once that it has no leases.
[[nodiscard]] Schema driver_data_schema();

/// Opens the database `file` and brings its schema up to date; nothing when there is none, or
/// when nothing was ever kept in it.
/// @throws Error{invalid_config} when it was made by a newer brig.
[[nodiscard]] std::optional<Database> open_store_database(const std::filesystem::path& file,
                                                          Schema schema);

/// The same, but makes the directory (mode 0700) and the database where they do not exist.
[[nodiscard]] Database create_store_database(const std::filesystem::path& file, Schema schema);

}  // namespace brig
