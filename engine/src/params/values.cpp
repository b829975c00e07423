// SPDX-License-Identifier: BSD-2-Clause
#include "params/address_value.hpp"
#include "params/parse.hpp"
#include "params/spelling.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

namespace brig {

namespace {

using Values = std::vector<std::string>;

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
        if (!assignment_.value) {
            return refuse("needs a value", fmt::format("write '{}=VALUE'", assignment_.name));
        }
        return scalar(*assignment_.value);
    }

  private:
    std::optional<Values> refuse(std::string_view what, std::string hint) {
        findings_.add({place_of(assignment_),
                       fmt::format("{}: {}", assignment_.name, what),
                       std::move(hint)});
        return std::nullopt;
    }

    std::optional<Values> boolean() {
        const std::string& name = assignment_.name;
        const auto value = assignment_.value ? parse_boolean(*assignment_.value) : true;
        if (!value) {
            return refuse(fmt::format("unknown boolean value \"{}\"", *assignment_.value),
                          fmt::format("write '{}' or '{}'", name, with_no(name)));
        }
        return Values{*value != assignment_.negated ? "true" : "false"};
    }

    std::optional<Values> cleared_by_no() {
        if (assignment_.value) {
            return refuse(fmt::format("'{}' takes no value", with_no(assignment_.name)),
                          fmt::format("write '{0}={1}' to set it, '{2}' to clear it",
                                      assignment_.name,
                                      *assignment_.value,
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
            return refuse(fmt::format("{} is out of range: {}", value, limits.describe(is_too_low)),
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
                                      value,
                                      std::numeric_limits<unsigned long>::max()),
                          "");
        }
        return Values{std::to_string(parsed.number)};
    }

    std::optional<Values> refuse_non_integer(const std::string& value) {
        return refuse(fmt::format("non-integer value \"{}\"", value), "give a decimal number");
    }

    std::optional<Values> string(const std::string& value) {
        // The kernel has use for an empty string (host.hostname); a user or file without a name
        // is more likely a shell variable that was not set.
        if (value.empty() && rule_.performer == ParamPerformer::engine) {
            return refuse("needs a value",
                          fmt::format("'{}' clears it", with_no(assignment_.name)));
        }
        if (rule_.max_length != 0 && value.size() >= rule_.max_length) {
            return refuse(fmt::format("the value is too long: {} bytes", value.size()),
                          fmt::format("at most {} bytes", rule_.max_length - 1));
        }
        return Values{value};
    }

    std::optional<Values> jailsys() {
        const std::string value =
            assignment_.value.value_or("").empty() ? "new" : to_lower(*assignment_.value);
        const char* choices = rule_.can_disable ? "disable, new, inherit" : "new, inherit";
        const bool is_disable = value == "disable";
        if (!is_disable && value != "new" && value != "inherit") {
            return refuse(fmt::format("unknown jailsys value \"{}\"", *assignment_.value),
                          fmt::format("write one of {}", choices));
        }
        if (is_disable && !rule_.can_disable) {
            return refuse(fmt::format("cannot be \"{}\"", value),
                          fmt::format("write one of {}", choices));
        }
        return Values{value};
    }

    std::optional<Values> list() {
        const std::string value = assignment_.value.value_or("");
        if (value.empty()) {
            return Values{};
        }
        if (rule_.type != ParamType::string_list) {
            return addresses(value);
        }
        // The lists of names are comma lists; commands and mounts may contain commas.
        const bool has_commas =
            assignment_.name == "vnet.interface" || assignment_.name == "zfs.dataset";
        Values values = has_commas ? split(value, ',') : Values{value};
        if (std::find(values.begin(), values.end(), "") != values.end()) {
            return refuse(fmt::format("empty element in \"{}\"", value), "");
        }
        return values;
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
        return refuse(fmt::format("not an IPv{} address: {}", version, text),
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
