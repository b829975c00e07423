// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string_view>

namespace brig {

/// The releases of FreeBSD whose parameters are built in.
enum class Release : std::uint8_t {
    freebsd_13_2,
    freebsd_14,
    freebsd_15
};

/// "13.2", "14", "15".
[[nodiscard]] std::string_view to_string(Release release) noexcept;

/// Reads "freebsd-14". @throws Error{invalid_config}
[[nodiscard]] Release parse_target(std::string_view text);

}  // namespace brig
