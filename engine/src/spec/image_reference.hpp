// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace brig {

/// An image as a user names it.
struct ImageReference {
    std::string name;
    std::string tag = "latest";

    /// NAME:TAG.
    [[nodiscard]] std::string to_string() const { return name + ":" + tag; }

    friend bool operator==(const ImageReference&, const ImageReference&) = default;
};

/// Reads NAME[:TAG]: each a letter or digit, then letters, digits, "_", "." or "-", at most 128.
/// @throws Error{invalid_config} saying what is wrong with which part.
[[nodiscard]] ImageReference parse_image_reference(const std::string& text);

}  // namespace brig
