// SPDX-License-Identifier: BSD-2-Clause
#include "rule_words.hpp"

#include "system.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace brig::net {

namespace {

constexpr std::size_t kLongestInterfaceName = 15;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool consists_of(std::string_view text, std::string_view others) noexcept {
    return std::all_of(text.begin(), text.end(), [others](char c) {
        return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
    });
}

/// FNV-1a: names, not secrets.
std::uint64_t fnv_hash(std::string_view text) noexcept {
    constexpr std::uint64_t kOffset = 0xcbf29ce484222325;
    constexpr std::uint64_t kPrime = 0x100000001b3;
    std::uint64_t hash = kOffset;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    }
    return hash;
}

std::string hexadecimal(std::uint64_t number, unsigned digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr unsigned kBits = 4;
    std::string text;
    for (unsigned place = digits; place > 0; --place) {
        text += kDigits[(number >> (kBits * (place - 1))) & 0xfU];
    }
    return text;
}

}  // namespace

bool is_interface_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= kLongestInterfaceName && consists_of(name, ".-_:@+")
           && (is_letter(name.front()) || is_digit(name.front()) || name.front() == '_')
           && std::any_of(name.begin(), name.end(), is_letter);
}

std::string quoted_interface(std::string_view name) {
    if (!is_interface_name(name)) {
        throw Error{BRIG_INVALID,
                    "'" + printable(name) + "' is not a name of an interface",
                    "it has at most 15 letters, digits, '.', '-' and '_'"};
    }
    return "\"" + std::string{name} + "\"";
}

IpAddress required_address(std::string_view text) {
    if (const auto address = parse_ip(text)) {
        return *address;
    }
    throw Error{BRIG_INVALID, "'" + printable(text) + "' is not an address"};
}

std::string required_subnet(std::string_view text, bool is_ip6) {
    const auto prefix = parse_prefix(text);
    if (!prefix || prefix->address.is_ip6 != is_ip6) {
        throw Error{
            BRIG_INVALID,
            "'" + printable(text) + "' is not an " + (is_ip6 ? "IPv6" : "IPv4") + " network",
            is_ip6 ? "write it as fd00:77::/64" : "write it as 10.77.0.0/24"};
    }
    return Subnet{*prefix}.to_string();
}

const std::string& required_tag(const std::string& tag) {
    if (tag.size() > kLongestOwnerTag || tag.rfind("brig:", 0) != 0
        || !consists_of(tag, ".-_:@+/=,")) {
        throw Error{BRIG_INVALID,
                    "'" + printable(tag) + "' is not an owner tag that fits to a rule",
                    "use shorter names for the network and the attachment"};
    }
    return tag;
}

std::string short_hash(std::string_view text) {
    constexpr unsigned kHalf = 32;
    const std::uint64_t hash = fnv_hash(text);
    return hexadecimal((hash >> kHalf) ^ hash, 8);
}

std::string long_hash(std::string_view text) {
    return hexadecimal(fnv_hash(text), 16);
}

std::string printable(std::string_view text) {
    std::string result{text};
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return result;
}

}  // namespace brig::net
