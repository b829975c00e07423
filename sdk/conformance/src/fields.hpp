// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace brig::conformance {

/// Texts of any content in one text: each behind its length, "3:abc".
[[nodiscard]] inline std::string pack(const std::vector<std::string>& fields) {
    std::string packed;
    for (const std::string& field : fields) {
        packed += std::to_string(field.size()) + ":" + field;
    }
    return packed;
}

/// The texts that pack() was given.
[[nodiscard]] inline std::vector<std::string> unpack(std::string_view packed) {
    std::vector<std::string> fields;
    while (!packed.empty()) {
        const std::size_t colon = packed.find(':');
        const std::size_t size = std::stoul(std::string{packed.substr(0, colon)});
        fields.emplace_back(packed.substr(colon + 1, size));
        packed.remove_prefix(colon + 1 + size);
    }
    return fields;
}

}  // namespace brig::conformance
