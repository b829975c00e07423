// SPDX-License-Identifier: BSD-2-Clause
#include "spec/names.hpp"

#include "brig/error.hpp"
#include "brig/settings.hpp"
#include "brig/spec.hpp"

#include <fmt/core.h>

#include <cstddef>

namespace brig {

namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kDigits = "0123456789";

}  // namespace

std::string quoted_for_message(std::string_view text) {
    constexpr std::size_t kMaxShown = 80;
    std::string quoted{"\""};
    for (const char c : text.substr(0, kMaxShown)) {
        const auto byte = static_cast<unsigned char>(c);
        quoted += byte < 0x20 || byte >= 0x7f ? fmt::format("\\x{:02x}", byte) : std::string{c};
    }
    return quoted + (text.size() > kMaxShown ? "…\"" : "\"");
}

bool is_driver_name(std::string_view name) noexcept {
    constexpr std::size_t kLongest = 32;
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return !name.empty() && name.size() <= kLongest
           && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::optional<std::string> name_problem(std::string_view name) {
    if (name.empty()) {
        return "is empty";
    }
    if (name.size() > kLongestName) {
        return fmt::format("has {} characters, {} are allowed", name.size(), kLongestName);
    }
    if (name.find('.') != std::string_view::npos) {
        return "holds a dot, which in the name of a jail separates parent and child";
    }
    if (kAlphanumeric.find(name.front()) == std::string_view::npos) {
        return fmt::format("begins with {}, not with a letter or digit",
                           quoted_for_message(name.substr(0, 1)));
    }
    const std::size_t wrong = name.find_first_not_of(std::string{kAlphanumeric} + "_-");
    if (wrong != std::string_view::npos) {
        return fmt::format("holds {}; letters, digits, \"_\" and \"-\" are allowed",
                           quoted_for_message(name.substr(wrong, 1)));
    }
    if (name.find_first_not_of(kDigits) == std::string_view::npos) {
        return "is a number, which jail(8) takes for the id of a jail";
    }
    return std::nullopt;
}

void require_container_name(const std::string& name) {
    if (const auto problem = name_problem(name)) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("the container name {} {}", quoted_for_message(name), *problem)}
            .with_hint("a name is a letter or digit, then letters, digits, \"_\" or \"-\"");
    }
}

void require_volume_name(const std::string& name) {
    if (const auto problem = name_problem(name)) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("the volume name {} {}", quoted_for_message(name), *problem)}
            .with_hint("a name is a letter or digit, then letters, digits, \"_\" or \"-\"");
    }
}

void require_snapshot_name(const std::string& name) {
    constexpr std::string_view kFirst = "0123456789abcdefghijklmnopqrstuvwxyz";
    const bool fits = !name.empty() && name.size() <= kLongestName
                      && kFirst.find(name.front()) != std::string_view::npos
                      && name.find_first_not_of(std::string{kFirst} + "_.-") == std::string::npos;
    if (!fits) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("{} cannot be the name of a snapshot", quoted_for_message(name))}
            .with_hint(fmt::format("a lower-case letter or digit, then these, \"_\", \".\" or "
                                   "\"-\", at most {}",
                                   kLongestName));
    }
}

}  // namespace brig
