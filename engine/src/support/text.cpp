// SPDX-License-Identifier: BSD-2-Clause
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace brig {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(separator, begin);
        parts.emplace_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) {
            return parts;
        }
        begin = end + 1;
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts) {
        if (&part != &parts.front()) {
            text += separator;
        }
        text += part;
    }
    return text;
}

std::string to_lower(std::string_view text) {
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return lower;
}

namespace {

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            const std::size_t swap = swapped ? before_last[j - 2] + 1 : replace;
            row[j] = std::min({replace, swap, last[j] + 1, row[j - 1] + 1});
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last.back();
}

bool is_tail_of(std::string_view tail, std::string_view name) {
    return name.size() > tail.size() && name.ends_with(tail)
           && name[name.size() - tail.size() - 1] == '.';
}

}  // namespace

std::string shortened(std::string_view text) {
    constexpr std::size_t kLongest = 200;
    if (text.size() <= kLongest) {
        return std::string{text};
    }
    std::size_t end = kLongest;
    // Not within a character of UTF-8.
    while (end > kLongest - 3 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return std::string{text.substr(0, end)} + "… (" + std::to_string(text.size()) + " bytes)";
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance =
            is_tail_of(word, candidate) ? 1 : edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string fstab_field(std::string_view text) {
    constexpr std::string_view kEscaped = " \t\n\v\f\r\\#";
    std::string field;
    for (const char c : text) {
        field += kEscaped.find(c) == std::string_view::npos
                     ? std::string{c}
                     : fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    }
    return field;
}

std::string shell_quote(std::string_view word) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
        return std::string{word};
    }
    std::string quoted{"'"};
    for (const char c : word) {
        quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return quoted + "'";
}

}  // namespace brig
