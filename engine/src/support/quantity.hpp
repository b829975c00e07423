// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace brig {

/// A whole number, with a sign or without.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// "64M": in bytes. The units are K, M, G and T, of 1024.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text);

/// "250ms", "10s", "5m", "1h": in milliseconds.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace brig
