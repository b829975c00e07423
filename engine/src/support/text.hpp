// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// isspace(3)'s, in the C locale.
inline constexpr std::string_view kBlanks = " \t\n\v\f\r";

/// Splits at every `separator`; an empty text gives one empty part.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

[[nodiscard]] std::string to_lower(std::string_view text);

/// `text` for a message: when it is very long, only its beginning, and how much there is.
[[nodiscard]] std::string shortened(std::string_view text);

/// The candidate that `word` was most likely meant to be, or nothing when none is close: at most
/// a third of the letters differ (Damerau-Levenshtein), or one is the other with a prefix missing.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string>& candidates);

/// `text` as a field of a line of fstab(5), escaped as by vis(3). `#` begins a comment in files.
[[nodiscard]] std::string fstab_field(std::string_view text);

/// Quoted so that a POSIX shell reads it back as one word; left alone where nothing needs quoting.
[[nodiscard]] std::string shell_quote(std::string_view word);

}  // namespace brig
