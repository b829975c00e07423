// SPDX-License-Identifier: BSD-2-Clause
#include "params/address_value.hpp"
#include "params/parse.hpp"
#include "params/spelling.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace brig {

namespace {

using Values = std::vector<std::string>;

/// A command is an argument of its shell, and Linux takes none that is longer (MAX_ARG_STRLEN).
constexpr std::size_t kLongestText = 131072;

template <typename Number>
struct ParsedNumber {
    Number number = 0;
    bool is_number = false;
    bool fits = false;
};

/// Reads the whole of `text` as a decimal number: no blanks, no sign but a minus.
template <typename Number>
ParsedNumber<Number> parse_number(std::string_view text) {
    ParsedNumber<Number> parsed;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, parsed.number);
    parsed.is_number = stop == end && error != std::errc::invalid_argument;
    parsed.fits = parsed.is_number && error == std::errc{};
    return parsed;
}

/// "true", "false" in any case, or an integer; empty is false. See jail(8).
std::optional<bool> parse_boolean(std::string_view text) {
    const std::string lower = to_lower(text);
    if (lower == "true" || lower == "false") {
        return lower == "true";
    }
    const auto parsed = parse_number<long long>(text);
    if (!text.empty() && !parsed.fits) {
        return std::nullopt;
    }
    return parsed.number != 0;
}

/// The limits of an integer of 32 bits, narrowed to those of its parameter.
struct Limits {
    explicit Limits(const ParamRule& rule)
        : lowest{rule.min.value_or(std::numeric_limits<std::int32_t>::min())},
          highest{rule.max.value_or(std::numeric_limits<std::int32_t>::max())},
          is_range{rule.min && rule.max} {}

    /// "0 to 2", or the one limit that was broken: "at least 0".
    [[nodiscard]] std::string describe(bool is_too_low) const {
        if (is_range) {
            return fmt::format("{} to {}", lowest, highest);
        }
        return is_too_low ? fmt::format("at least {}", lowest) : fmt::format("at most {}", highest);
    }

    long long lowest;
    long long highest;
    bool is_range;
};

/// A mode by its name, in any case, or by its number as in <sys/jail.h>. Empty is `new`.
std::optional<std::string_view> parse_jailsys(std::string_view text) {
    constexpr std::array<std::string_view, 3> kModes{"disable", "new", "inherit"};
    const std::string lower = to_lower(text);
    for (std::size_t i = 0; i < kModes.size(); ++i) {
        if (lower == kModes[i] || lower == std::to_string(i)) {
            return kModes[i];
        }
    }
    return text.empty() ? std::optional{kModes[1]} : std::nullopt;
}

bool is_unusable_address(std::string_view address) {
    return address == "0.0.0.0" || address == "255.255.255.255" || address == "::";
}

/// The values of one assignment, a function for each type.
class ValueParser {
  public:
    ValueParser(const Assignment& assignment, const ParamRule& rule, Findings& findings)
        : assignment_{assignment}, rule_{rule}, findings_{findings} {}

    [[nodiscard]] std::optional<Values> parse() {
        if (assignment_.value && assignment_.value->find('\0') != std::string::npos) {
            return refuse("the value contains a NUL byte", "");
        }
        if (rule_.type == ParamType::boolean) {
            return boolean();
        }
        if (assignment_.negated) {
            return cleared_by_no();
        }
        if (is_list(rule_.type)) {
            return list();
        }
        if (rule_.type == ParamType::jailsys) {
            return jailsys();
        }
        if (rule_.type == ParamType::key_value) {
            return key_value();
        }
        if (!assignment_.value) {
            return refuse("needs a value", fmt::format("write '{}=VALUE'", assignment_.name));
        }
        return scalar(*assignment_.value);
    }

  private:
    std::optional<Values> refuse(std::string_view what, std::string hint) {
        findings_.add({place_of(assignment_),
                       fmt::format("{}: {}", shortened(assignment_.name), what),
                       std::move(hint)});
        return std::nullopt;
    }

    std::optional<Values> boolean() {
        const std::string& name = assignment_.name;
        const auto value = assignment_.value ? parse_boolean(*assignment_.value) : true;
        if (!value) {
            return refuse(
                fmt::format("unknown boolean value \"{}\"", shortened(*assignment_.value)),
                fmt::format("write '{}' or '{}'", name, with_no(name)));
        }
        return Values{*value != assignment_.negated ? "true" : "false"};
    }

    std::optional<Values> cleared_by_no() {
        if (assignment_.value) {
            return refuse(fmt::format("'{}' takes no value", with_no(assignment_.name)),
                          fmt::format("write '{0}={1}' to set it, '{2}' to clear it",
                                      assignment_.name,
                                      shortened(*assignment_.value),
                                      with_no(assignment_.name)));
        }
        return Values{};
    }

    std::optional<Values> scalar(const std::string& value) {
        switch (rule_.type) {
            case ParamType::integer:
                return integer(value);
            case ParamType::ulong:
                return ulong(value);
            default:
                return string(value);
        }
    }

    std::optional<Values> integer(const std::string& value) {
        const auto parsed = parse_number<long long>(value);
        if (!parsed.is_number) {
            return refuse_non_integer(value);
        }
        const Limits limits{rule_};
        const bool is_too_low = parsed.fits ? parsed.number < limits.lowest : value.front() == '-';
        if (!parsed.fits || is_too_low || parsed.number > limits.highest) {
            return refuse(
                fmt::format(
                    "{} is out of range: {}", shortened(value), limits.describe(is_too_low)),
                "");
        }
        return Values{std::to_string(parsed.number)};
    }

    std::optional<Values> ulong(const std::string& value) {
        const auto parsed = parse_number<unsigned long>(value);
        if (!parsed.is_number) {
            return refuse_non_integer(value);
        }
        if (!parsed.fits) {
            return refuse(fmt::format("{} is out of range: at most {}",
                                      shortened(value),
                                      std::numeric_limits<unsigned long>::max()),
                          "");
        }
        return Values{std::to_string(parsed.number)};
    }

    std::optional<Values> refuse_non_integer(const std::string& value) {
        return refuse(fmt::format("non-integer value \"{}\"", shortened(value)),
                      "give a decimal number");
    }

    std::optional<Values> string(const std::string& value) {
        // The kernel has use for an empty string (host.hostname); a user or file without a name
        // is more likely a shell variable that was not set.
        if (value.empty() && rule_.performer == ParamPerformer::engine) {
            return refuse("needs a value",
                          fmt::format("'{}' clears it", with_no(assignment_.name)));
        }
        return fits(value.size()) ? std::optional{Values{value}} : std::nullopt;
    }

    /// Whether `size` bytes are not too many, with a finding.
    bool fits(std::size_t size) {
        const std::size_t limit = rule_.max_length == 0 ? kLongestText : rule_.max_length;
        if (size >= limit) {
            refuse(fmt::format("the value is too long: {} bytes", size),
                   fmt::format("at most {} bytes", limit - 1));
        }
        return size < limit;
    }

    /// The kernel keeps each key as a line "key=value" of one text; see "meta, env" in jail(8) of
    /// FreeBSD 15. A key without `=` is removed.
    std::optional<Values> key_value() {
        const std::size_t dot = assignment_.name.find('.');
        const bool is_key = dot != std::string::npos;
        if (!assignment_.value) {
            return is_key ? Values{} : Values{""};
        }
        const std::string& value = *assignment_.value;
        if (is_key && value.find('\n') != std::string::npos) {
            return refuse("the value contains a newline", "each line is a key of its own");
        }
        const std::size_t key_size = is_key ? assignment_.name.size() - dot : 0;
        return fits(key_size + value.size()) ? std::optional{Values{value}} : std::nullopt;
    }

    std::optional<Values> jailsys() {
        const auto mode = parse_jailsys(assignment_.value.value_or(""));
        if (!mode) {
            return refuse_jailsys("unknown jailsys value", *assignment_.value);
        }
        if (*mode == "disable" && !rule_.can_disable) {
            return refuse_jailsys("cannot be", *mode);
        }
        return Values{std::string{*mode}};
    }

    std::optional<Values> refuse_jailsys(std::string_view what, std::string_view value) {
        return refuse(
            fmt::format("{} \"{}\"", what, shortened(value)),
            rule_.can_disable ? "write one of disable, new, inherit" : "write one of new, inherit");
    }

    std::optional<Values> list() {
        const std::string value = assignment_.value.value_or("");
        if (value.empty()) {
            return Values{};
        }
        if (rule_.type != ParamType::string_list) {
            // As in jailparam_import(3).
            return value == "-" ? Values{} : addresses(value);
        }
        // The lists of names are comma lists; commands and mounts may contain commas.
        const bool has_commas =
            assignment_.name == "vnet.interface" || assignment_.name == "zfs.dataset";
        Values values = has_commas ? split(value, ',') : Values{value};
        if (std::find(values.begin(), values.end(), "") != values.end()) {
            return refuse(fmt::format("empty element in \"{}\"", shortened(value)), "");
        }
        const auto longest = std::max_element(
            values.begin(), values.end(), [](const std::string& a, const std::string& b) {
                return a.size() < b.size();
            });
        return fits(longest->size()) ? std::optional{std::move(values)} : std::nullopt;
    }

    std::optional<Values> addresses(const std::string& list) {
        Values values;
        for (const std::string& text : split(list, ',')) {
            const auto value = parse_address_value(text, rule_.type);
            if (!value) {
                return refuse_address(text);
            }
            if (is_unusable_address(value->address)) {
                return refuse(fmt::format("a jail cannot have the address {}", value->address), "");
            }
            values.push_back(value->to_string());
        }
        return values;
    }

    std::optional<Values> refuse_address(const std::string& text) {
        const int version = rule_.type == ParamType::ip4_list ? 4 : 6;
        return refuse(fmt::format("not an IPv{} address: {}", version, shortened(text)),
                      "write ADDRESS or INTERFACE|ADDRESS/PREFIX");
    }

    const Assignment& assignment_;
    const ParamRule& rule_;
    Findings& findings_;
};

}  // namespace

std::optional<std::vector<std::string>> parse_values(const Assignment& assignment,
                                                     const ParamRule& rule,
                                                     Findings& findings) {
    return ValueParser{assignment, rule, findings}.parse();
}

}  // namespace brig
