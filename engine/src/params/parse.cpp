// SPDX-License-Identifier: BSD-2-Clause
#include "params/parse.hpp"

#include "params/builtin_catalogue.hpp"
#include "params/spelling.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Splits `text` at its first `=`; nothing is trimmed and nothing unquoted.
Assignment split_assignment(std::string_view text, const Origin& origin) {
    Assignment assignment;
    assignment.text = text;
    assignment.origin = origin;
    const std::size_t equals = text.find('=');
    assignment.name = text.substr(0, equals);
    if (equals != std::string_view::npos) {
        assignment.value = text.substr(equals + 1);
    }
    return assignment;
}

bool is_control(char c) {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7F;
}

/// What is wrong with the form of the name, whatever parameters there are.
std::optional<Finding> malformed_name(const Assignment& assignment) {
    const std::string_view name = trimmed(assignment.name);
    if (name.empty()) {
        return Finding{place_of(assignment),
                       fmt::format("\"{}\" names no parameter", shortened(assignment.text)),
                       "write NAME, noNAME or NAME=VALUE"};
    }
    if (name.size() != assignment.name.size()) {
        const std::string_view value =
            assignment.value ? trimmed(*assignment.value) : std::string_view{};
        return Finding{
            place_of(assignment),
            fmt::format("blanks around the name in \"{}\"", shortened(assignment.text)),
            fmt::format(
                "write '{}{}{}'", shortened(name), assignment.value ? "=" : "", shortened(value))};
    }
    if (std::any_of(name.begin(), name.end(), is_control)) {
        return Finding{place_of(assignment),
                       fmt::format("unknown parameter: {}", shortened(name)),
                       "there is a control character in the name"};
    }
    return std::nullopt;
}

/// What the writer of an unknown `name` may have meant.
std::string hint_for_unknown(const std::string& name, const Catalogue& catalogue) {
    const auto positive = without_no(name);
    if (positive && catalogue.find(*positive)) {
        return fmt::format("'{0}' is not a boolean; write '{0}=VALUE'", *positive);
    }
    if (name.starts_with("no")) {
        const std::string_view whole = std::string_view{name}.substr(2);
        if (const auto rule = catalogue.find(whole); rule && takes_no(*rule)) {
            return fmt::format("\"no\" goes before the last part: '{}'", with_no(whole));
        }
    }
    auto release = release_with(name);
    if (!release && positive) {
        release = release_with(*positive);
    }
    if (release) {
        return *release == Release::freebsd_13_2
                   ? "this kernel lacks it; is its module loaded?"
                   : fmt::format("it came with FreeBSD {}", to_string(*release));
    }
    if (const auto likely = catalogue.nearest_to(name)) {
        return fmt::format("did you mean '{}'?", *likely);
    }
    return "'brig params' lists every parameter there is";
}

}  // namespace

std::optional<Assignment> parse_assignment(std::string_view text,
                                           const Origin& origin,
                                           const Catalogue& catalogue,
                                           Findings& findings) {
    Assignment assignment = split_assignment(text, origin);
    if (auto finding = malformed_name(assignment)) {
        findings.add(std::move(*finding));
        return std::nullopt;
    }
    // The literal name first, as libjail does: a parameter may really be called no….
    if (catalogue.find(assignment.name)) {
        return assignment;
    }
    if (auto positive = without_no(assignment.name)) {
        const auto rule = catalogue.find(*positive);
        if (rule && takes_no(*rule)) {
            assignment.name = std::move(*positive);
            assignment.negated = true;
            return assignment;
        }
    }
    findings.add(unknown_parameter(assignment, catalogue));
    return std::nullopt;
}

Finding unknown_parameter(const Assignment& assignment, const Catalogue& catalogue) {
    return {place_of(assignment),
            fmt::format("unknown parameter: {}", shortened(assignment.name)),
            hint_for_unknown(assignment.name, catalogue)};
}

}  // namespace brig
