// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// What comes from images, drivers, configuration and other processes may hold bytes that tell a
// terminal to do things. They become visible here: control characters (C0, DEL, C1), what turns the
// direction of text around, and bytes that are not UTF-8.
namespace brig::cli {

/// `text` on one line, with what is unsafe written as \xNN, byte by byte.
[[nodiscard]] std::string printable(std::string_view text);

/// The same for a text of several lines: newlines stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// The first `most` characters of `printable(text)`, with "…" for the rest.
[[nodiscard]] std::string printable_start(std::string_view text, std::size_t most);

/// `text` as a JSON string, quotes included: what is unsafe as \uNNNN, and U+FFFD for what is not
/// UTF-8.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace brig::cli
