// SPDX-License-Identifier: BSD-2-Clause
#include "brig/volume.hpp"

#include <array>

namespace brig {

namespace {

constexpr std::array<std::string_view, 3> kWords{"added", "changed", "deleted"};

}  // namespace

std::string_view to_string(PathChange::Kind kind) noexcept {
    return kWords.at(static_cast<std::size_t>(kind));
}

std::optional<PathChange::Kind> parse_path_change(std::string_view text) noexcept {
    for (std::size_t i = 0; i < kWords.size(); ++i) {
        if (text == kWords.at(i)) {
            return static_cast<PathChange::Kind>(i);
        }
    }
    return std::nullopt;
}

}  // namespace brig
