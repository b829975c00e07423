// SPDX-License-Identifier: BSD-2-Clause
#include "support/hash.hpp"

#include <fmt/core.h>

#include <cstdint>

namespace brig {

std::string short_hash(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return fmt::format("{:08x}", hash);
}

}  // namespace brig
