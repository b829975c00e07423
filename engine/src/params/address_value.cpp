// SPDX-License-Identifier: BSD-2-Clause
#include "params/address_value.hpp"

#include "support/ip_address.hpp"

#include <charconv>
#include <climits>

namespace brig {

namespace {

constexpr std::size_t kLongestInterface = 15;  // IFNAMSIZ - 1, on both hosts

constexpr std::string_view kInterfaceLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

/// The one spelling of an address of the family of `type`; nothing when it is none.
std::optional<std::string> canonical(std::string_view text, ParamType type) {
    const auto address = parse_ip_address(text);
    const bool fits = address && address->is_ip6 == (type == ParamType::ip6_list);
    return fits ? std::optional{address->to_string()} : std::nullopt;
}

/// Ones, then zeros.
bool is_netmask(std::string_view text) {
    const auto mask = parse_ip_address(text);
    if (!mask || mask->is_ip6) {
        return false;
    }
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < mask->size(); ++i) {
        bits = (bits << CHAR_BIT) | mask->bytes.at(i);
    }
    return (~bits & (~bits + 1)) == 0;
}

bool is_prefix_length(std::string_view text, unsigned longest) {
    unsigned length = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, length);
    return error == std::errc{} && stop == end && length <= longest;
}

}  // namespace

// Stricter than the kernels: the name may end up in the arguments of a program.
bool is_interface_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestInterface && name.front() != '-'
           && name.find_first_not_of(kInterfaceLetters) == std::string_view::npos;
}

std::string AddressValue::to_string() const {
    return (interface.empty() ? "" : interface + "|") + address
           + (prefix.empty() ? "" : "/" + prefix);
}

std::optional<AddressValue> parse_address_value(std::string_view text, ParamType type) {
    const bool is_ip4 = type == ParamType::ip4_list;
    AddressValue value;
    if (const std::size_t bar = text.find('|'); bar != std::string_view::npos) {
        value.interface = text.substr(0, bar);
        if (!is_interface_name(value.interface)) {
            return std::nullopt;
        }
        text.remove_prefix(bar + 1);
    }
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        value.prefix = text.substr(slash + 1);
        const bool is_mask = is_ip4 && is_netmask(value.prefix);
        if (!is_mask && !is_prefix_length(value.prefix, is_ip4 ? 32 : 128)) {
            return std::nullopt;
        }
        text = text.substr(0, slash);
    }
    const auto address = canonical(text, type);
    if (!address) {
        return std::nullopt;
    }
    value.address = *address;
    return value;
}

}  // namespace brig
