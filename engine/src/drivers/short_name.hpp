// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace brig {

/// A number that depends on all of `text`; the same on every machine and in every version, for
/// names on the host follow from it.
[[nodiscard]] std::uint64_t stable_hash(std::string_view text) noexcept;

/// `prefix` followed by up to 13 of the characters a-z and 2-7 that follow from `key`, `length`
/// characters at most.
[[nodiscard]] std::string short_name(std::string_view prefix,
                                     std::size_t length,
                                     std::string_view key);

}  // namespace brig
