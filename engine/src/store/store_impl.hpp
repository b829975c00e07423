// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "store/sqlite.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace brig {

struct Store::Impl {
    explicit Impl(std::filesystem::path database_file) : file{std::move(database_file)} {}

    /// The database, or nullptr where there is none.
    [[nodiscard]] Database* reading();

    /// The database, made if there is none.
    [[nodiscard]] Database& writing();

    std::filesystem::path file;
    std::optional<Database> database;
    bool ready_to_write = false;
};

/// A time as it is kept.
[[nodiscard]] std::int64_t to_nanoseconds(std::chrono::system_clock::time_point time);
[[nodiscard]] std::chrono::system_clock::time_point from_nanoseconds(std::int64_t nanoseconds);

}  // namespace brig
