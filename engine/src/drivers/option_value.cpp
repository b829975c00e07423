// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/option_value.hpp"

#include "support/ip_address.hpp"
#include "support/quantity.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace brig {

namespace {

using Fitted = std::variant<OptionContent, Misfit>;

bool is_mac(std::string_view text) {
    const std::vector<std::string> parts = split(text, ':');
    return parts.size() == 6 && std::all_of(parts.begin(), parts.end(), [](const auto& part) {
               return part.size() == 2 && std::isxdigit(static_cast<unsigned char>(part[0])) != 0
                      && std::isxdigit(static_cast<unsigned char>(part[1])) != 0;
           });
}

bool is_path(std::string_view text) {
    return text.starts_with('/') && text.find('\0') == std::string_view::npos;
}

/// What is expected of a text of `row`'s element type, or nothing if `text` is right.
std::optional<std::string> text_misfit(const std::string& text, const brig_option& row) {
    const auto unless = [](bool fits, std::string expected) {
        return fits ? std::nullopt : std::optional{std::move(expected)};
    };
    const auto address = parse_ip_address(text);
    switch (row.type & ~std::uint32_t{BRIG_T_LIST}) {
        case BRIG_T_ENUM: {
            const std::vector<std::string> choices = split(row.choices, '|');
            return unless(std::find(choices.begin(), choices.end(), text) != choices.end(),
                          "must be one of " + join(choices, ", "));
        }
        case BRIG_T_JAILSYS:
            return unless(text == "disable" || text == "new" || text == "inherit",
                          "must be one of disable, new, inherit");
        case BRIG_T_IP4:
            return unless(address && !address->is_ip6, "must be an IPv4 address");
        case BRIG_T_IP6:
            return unless(address && address->is_ip6, "must be an IPv6 address");
        case BRIG_T_CIDR:
            return unless(parse_ip_network(text).has_value(),
                          "must be a network such as 10.0.0.0/24");
        case BRIG_T_MAC:
            return unless(is_mac(text), "must be a link-layer address such as 02:00:5e:10:00:01");
        case BRIG_T_PATH:
            return unless(is_path(text), "must be an absolute path");
        default:
            return unless(text.find('\0') == std::string::npos, "must not contain a NUL");
    }
}

Fitted fit_number(std::optional<std::int64_t> number,
                  const brig_option& row,
                  const char* expected) {
    if (!number) {
        return Misfit{expected};
    }
    const bool bounded = row.min != 0 || row.max != 0;
    if (bounded && (*number < row.min || *number > row.max)) {
        return Misfit{fmt::format("must be between {} and {}", row.min, row.max)};
    }
    return OptionContent{*number};
}

Fitted fit_text(const OptionContent& content, const brig_option& row) {
    // What may be a name may also be yes or no: `nat = true`, `nat = "em0"`.
    if (const auto* flag = std::get_if<bool>(&content); flag != nullptr && row.type == BRIG_T_STR) {
        return OptionContent{std::string{*flag ? "true" : "false"}};
    }
    const auto* text = std::get_if<std::string>(&content);
    if (text == nullptr) {
        return Misfit{"must be a string"};
    }
    if (auto reason = text_misfit(*text, row)) {
        return Misfit{std::move(*reason)};
    }
    return content;
}

Fitted fit_list(const OptionContent& content, const brig_option& row) {
    const auto* texts = std::get_if<std::vector<std::string>>(&content);
    if (texts == nullptr) {
        return Misfit{"must be a list of strings"};
    }
    for (const std::string& text : *texts) {
        if (auto reason = text_misfit(text, row)) {
            return Misfit{fmt::format("has the element '{}', which {}", text, *reason)};
        }
    }
    return content;
}

/// The number itself, or what `parse` makes of a text.
template <typename Parse>
std::optional<std::int64_t> number_of(const OptionContent& content, Parse parse) {
    const auto* text = std::get_if<std::string>(&content);
    return text != nullptr ? parse(*text) : std::nullopt;
}

}  // namespace

Fitted fit_option(const OptionContent& content, const brig_option& row) {
    const auto* integer = std::get_if<std::int64_t>(&content);
    const auto plain = integer != nullptr ? std::optional{*integer} : std::nullopt;
    switch (row.type) {
        case BRIG_T_BOOL:
            return std::holds_alternative<bool>(content) ? Fitted{content}
                                                         : Misfit{"must be true or false"};
        case BRIG_T_INT:
            return fit_number(plain, row, "must be an integer");
        case BRIG_T_SIZE:
            return fit_number(plain && *plain >= 0 ? plain : number_of(content, parse_size),
                              row,
                              "must be a size such as \"64M\"");
        case BRIG_T_DURATION_MS:
            return fit_number(number_of(content, parse_duration),
                              row,
                              "must be a duration such as \"250ms\" or \"10s\"");
        default:
            return (row.type & BRIG_T_LIST) != 0 ? fit_list(content, row) : fit_text(content, row);
    }
}

Fitted fit_default(const std::string& text, const brig_option& row) {
    if (row.type == BRIG_T_BOOL && (text == "true" || text == "false")) {
        return OptionContent{text == "true"};
    }
    if (row.type == BRIG_T_INT) {
        return fit_number(parse_integer(text), row, "must be an integer");
    }
    if ((row.type & BRIG_T_LIST) != 0) {
        return fit_option(text.empty() ? std::vector<std::string>{} : split(text, ','), row);
    }
    return fit_option(text, row);
}

}  // namespace brig
