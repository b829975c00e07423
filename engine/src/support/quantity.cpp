// SPDX-License-Identifier: BSD-2-Clause
#include "support/quantity.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

namespace brig {

namespace {

using Units = std::vector<std::pair<std::string_view, std::int64_t>>;

/// "64M": a whole number that is not negative, and a unit.
std::optional<std::int64_t> parse_quantity(std::string_view text, const Units& units) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer(text.substr(0, digits));
    const auto unit = std::find_if(units.begin(), units.end(), [&](const auto& candidate) {
        return candidate.first == text.substr(digits);
    });
    if (!number || unit == units.end()
        || *number > std::numeric_limits<std::int64_t>::max() / unit->second) {
        return std::nullopt;
    }
    return *number * unit->second;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    constexpr std::int64_t kKilo = 1024;
    return parse_quantity(text,
                          {{"", 1},
                           {"K", kKilo},
                           {"M", kKilo * kKilo},
                           {"G", kKilo * kKilo * kKilo},
                           {"T", kKilo * kKilo * kKilo * kKilo}});
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    return parse_quantity(text, {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}});
}

}  // namespace brig
