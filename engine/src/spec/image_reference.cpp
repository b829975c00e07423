// SPDX-License-Identifier: BSD-2-Clause
#include "spec/image_reference.hpp"

#include "brig/error.hpp"
#include "spec/names.hpp"

#include <fmt/core.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace brig {

namespace {

constexpr std::size_t kLongestPart = 128;

std::optional<std::string> part_problem(std::string_view part) {
    if (part.empty()) {
        return "is empty";
    }
    if (part.size() > kLongestPart) {
        return fmt::format("has {} characters, {} are allowed", part.size(), kLongestPart);
    }
    if (kAlphanumeric.find(part.front()) == std::string_view::npos) {
        return fmt::format("begins with {}, not with a letter or digit",
                           quoted_for_message(part.substr(0, 1)));
    }
    const std::size_t wrong = part.find_first_not_of(std::string{kAlphanumeric} + "_.-");
    if (wrong != std::string_view::npos) {
        return fmt::format("holds {}; letters, digits, \"_\", \".\" and \"-\" are allowed",
                           quoted_for_message(part.substr(wrong, 1)));
    }
    return std::nullopt;
}

void require_part(std::string_view text, std::string_view what, std::string_view part) {
    if (const auto problem = part_problem(part)) {
        throw Error{
            ErrorCode::invalid_config,
            fmt::format("the image {}: its {} {}", quoted_for_message(text), what, *problem)}
            .with_hint("an image is named NAME or NAME:TAG, for example base:13.2");
    }
}

}  // namespace

ImageReference parse_image_reference(const std::string& text) {
    const std::size_t colon = text.find(':');
    ImageReference reference;
    reference.name = text.substr(0, colon);
    require_part(text, "name", reference.name);
    if (colon != std::string::npos) {
        reference.tag = text.substr(colon + 1);
        require_part(text, "tag", reference.tag);
    }
    return reference;
}

}  // namespace brig
