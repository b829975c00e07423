// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace brig {

/// An image as a user names it.
struct ImageReference {
    std::string name;
    std::string tag = "latest";
    std::string snapshot{};  ///< empty: the image as it was made

    /// NAME:TAG, with @SNAPSHOT where there is one.
    [[nodiscard]] std::string to_string() const {
        return name + ":" + tag + (snapshot.empty() ? "" : "@" + snapshot);
    }

    friend bool operator==(const ImageReference&, const ImageReference&) = default;
};

/// Reads NAME[:TAG][@SNAPSHOT]. Name and tag are a letter or digit, then letters, digits, "_", "."
/// or "-", at most 128; a snapshot is 1 to 64 of a-z, 0-9, ".", "_" and "-".
/// @throws Error{invalid_config} saying what is wrong with which part.
[[nodiscard]] ImageReference parse_image_reference(const std::string& text);

/// The same where an image as a whole is meant: a snapshot of it is refused.
[[nodiscard]] ImageReference parse_image_name(const std::string& text);

}  // namespace brig
