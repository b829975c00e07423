// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "brig/spec.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace brig {

namespace {

using Kind = RestartPolicy::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 4> kKinds{
    {{"no", Kind::no},
     {"on-failure", Kind::on_failure},
     {"always", Kind::always},
     {"unless-stopped", Kind::unless_stopped}}};

constexpr std::string_view kLimited = "on-failure:";

/// The number behind `kLimited`; 0 when it is none that counts restarts.
unsigned parse_limit(std::string_view digits) {
    unsigned limit = 0;
    const char* end = digits.data() + digits.size();
    const auto [rest, problem] = std::from_chars(digits.data(), end, limit);
    return rest == end && problem == std::errc{} ? limit : 0;
}

}  // namespace

RestartPolicy parse_restart_policy(const std::string& text) {
    for (const auto& [name, kind] : kKinds) {
        if (text == name) {
            return {kind, 0};
        }
    }
    if (text.starts_with(kLimited)) {
        if (const unsigned limit = parse_limit(std::string_view{text}.substr(kLimited.size()))) {
            return {Kind::on_failure, limit};
        }
    }
    throw Error{ErrorCode::invalid_config, fmt::format("unknown restart policy \"{}\"", text)}
        .with_hint("write one of no, on-failure, on-failure:N, always, unless-stopped");
}

std::string to_string(const RestartPolicy& policy) {
    if (policy.most != 0) {
        return fmt::format("{}{}", kLimited, policy.most);
    }
    for (const auto& [name, kind] : kKinds) {
        if (policy.kind == kind) {
            return std::string{name};
        }
    }
    return {};
}

}  // namespace brig
