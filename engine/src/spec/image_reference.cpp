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
constexpr std::size_t kLongestSnapshot = 64;
constexpr std::string_view kSnapshotCharacters = "abcdefghijklmnopqrstuvwxyz0123456789._-";

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

std::optional<std::string> snapshot_problem(std::string_view part) {
    if (part.empty()) {
        return "is empty";
    }
    if (part.size() > kLongestSnapshot) {
        return fmt::format("has {} characters, {} are allowed", part.size(), kLongestSnapshot);
    }
    const std::size_t wrong = part.find_first_not_of(kSnapshotCharacters);
    if (wrong != std::string_view::npos) {
        return fmt::format("holds {}; a-z, 0-9, \".\", \"_\" and \"-\" are allowed",
                           quoted_for_message(part.substr(wrong, 1)));
    }
    return std::nullopt;
}

void refuse_if(const std::optional<std::string>& problem,
               std::string_view text,
               std::string_view what) {
    if (problem) {
        throw Error{
            ErrorCode::invalid_config,
            fmt::format("the image {}: its {} {}", quoted_for_message(text), what, *problem)}
            .with_hint("an image is named NAME or NAME:TAG, for example base:13.2");
    }
}

}  // namespace

ImageReference parse_image_reference(const std::string& text) {
    ImageReference reference;
    const std::size_t at = text.find('@');
    const std::string whole = text.substr(0, at);
    const std::size_t colon = whole.find(':');
    reference.name = whole.substr(0, colon);
    refuse_if(part_problem(reference.name), text, "name");
    if (colon != std::string::npos) {
        reference.tag = whole.substr(colon + 1);
        refuse_if(part_problem(reference.tag), text, "tag");
    }
    if (at != std::string::npos) {
        reference.snapshot = text.substr(at + 1);
        refuse_if(snapshot_problem(reference.snapshot), text, "snapshot");
    }
    return reference;
}

ImageReference parse_image_name(const std::string& text) {
    ImageReference reference = parse_image_reference(text);
    if (!reference.snapshot.empty()) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("the image {}: a snapshot of it makes no sense here",
                                quoted_for_message(text))}
            .with_hint(fmt::format("leave '@{}' out; only containers are made from snapshots",
                                   reference.snapshot));
    }
    return reference;
}

}  // namespace brig
