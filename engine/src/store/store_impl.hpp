// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "store/image_files.hpp"
#include "store/schema.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// A database that is opened when it is first needed, and made when it is first written to.
class LazyDatabase {
  public:
    LazyDatabase(std::filesystem::path file, Schema schema)
        : file_{std::move(file)}, schema_{schema} {}

    /// The database, or nullptr where there is none.
    [[nodiscard]] Database* reading();

    /// The database, made if there is none.
    [[nodiscard]] Database& writing();

    void close();

  private:
    std::filesystem::path file_;
    Schema schema_;
    std::optional<Database> database_;
    bool ready_to_write_ = false;
};

struct Store::Impl {
    explicit Impl(const std::filesystem::path& state)
        : images{state / "images"},
          containers{state / "brig.db", container_schema()},
          driver_data{state / "drivers.db", driver_data_schema()} {}

    ImageFiles images;
    LazyDatabase containers;
    LazyDatabase driver_data;
};

/// A list as it is kept: NUL-terminated strings, one after the other.
[[nodiscard]] std::string pack(const std::vector<std::string>& list);
[[nodiscard]] std::vector<std::string> unpack(std::string_view packed);

/// A time as it is kept.
[[nodiscard]] std::int64_t to_nanoseconds(std::chrono::system_clock::time_point time);
[[nodiscard]] std::chrono::system_clock::time_point from_nanoseconds(std::int64_t nanoseconds);

}  // namespace brig
