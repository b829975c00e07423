// SPDX-License-Identifier: BSD-2-Clause
#include "ip.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <system_error>

namespace brig::net {

namespace {

constexpr unsigned kByte = 8;

int socket_family(bool is_ip6) {
    return is_ip6 ? AF_INET6 : AF_INET;
}

/// The address with the bits behind `length` all 0, or all 1.
IpAddress filled(IpAddress address, unsigned length, bool ones) noexcept {
    for (unsigned bit = length; bit < address.bits(); ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % kByte));
        std::uint8_t& byte = address.bytes.at(bit / kByte);
        byte = static_cast<std::uint8_t>(ones ? byte | mask : byte & ~mask);
    }
    return address;
}

std::uint64_t hash_of(std::string_view key) noexcept {
    // FNV-1a, then the finalizer of MurmurHash3: FNV alone mixes its high bits badly.
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char letter : key) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
    }
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return hash ^ (hash >> 33U);
}

}  // namespace

std::string IpAddress::to_string() const {
    char text[INET6_ADDRSTRLEN] = {};
    return ::inet_ntop(socket_family(is_ip6), bytes.data(), text, sizeof text) != nullptr ? text
                                                                                          : "";
}

std::optional<IpAddress> parse_ip(std::string_view text) {
    IpAddress address;
    address.is_ip6 = text.find(':') != std::string_view::npos;
    const std::string terminated{text};
    const bool whole = terminated.find('\0') == std::string::npos;
    if (!whole
        || ::inet_pton(socket_family(address.is_ip6), terminated.c_str(), address.bytes.data())
               != 1) {
        return std::nullopt;
    }
    return address;
}

std::string IpPrefix::to_string() const {
    return address.to_string() + "/" + std::to_string(length);
}

std::optional<IpPrefix> parse_prefix(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto address = parse_ip(text.substr(0, slash));
    const std::string_view digits = text.substr(slash + 1);
    unsigned length = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (!address || digits.empty() || error != std::errc{} || end != digits.data() + digits.size()
        || length > address->bits()) {
        return std::nullopt;
    }
    return IpPrefix{*address, length};
}

Subnet::Subnet(const IpPrefix& prefix) noexcept
    : first_{filled(prefix.address, prefix.length, false)},
      last_{filled(prefix.address, prefix.length, true)},
      length_{prefix.length} {}

IpAddress Subnet::first_host() const noexcept {
    return length_ + 1 >= first_.bits() ? first_ : after(first_);
}

IpAddress Subnet::last_host() const noexcept {
    return is_ip6() || length_ + 1 >= first_.bits() ? last_ : before(last_);
}

bool Subnet::contains(const IpAddress& address) const noexcept {
    return address.is_ip6 == is_ip6() && first_ <= address && address <= last_;
}

bool Subnet::is_host(const IpAddress& address) const noexcept {
    return address.is_ip6 == is_ip6() && first_host() <= address && address <= last_host();
}

bool Subnet::overlaps(const Subnet& other) const noexcept {
    return contains(other.first_) || other.contains(first_);
}

std::string Subnet::to_string() const {
    return IpPrefix{first_, length_}.to_string();
}

IpAddress after(IpAddress address) noexcept {
    for (std::size_t i = address.size(); i-- > 0;) {
        if (++address.bytes.at(i) != 0) {
            break;
        }
    }
    return address;
}

IpAddress before(IpAddress address) noexcept {
    for (std::size_t i = address.size(); i-- > 0;) {
        if (address.bytes.at(i)-- != 0) {
            break;
        }
    }
    return address;
}

std::optional<MacAddress> parse_mac(std::string_view text) {
    constexpr std::size_t kStep = 3;  // two digits and a colon
    MacAddress mac{};
    if (text.size() != mac.size() * kStep - 1) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const char* digits = text.data() + i * kStep;
        const auto [end, error] = std::from_chars(digits, digits + 2, mac.at(i), 16);
        const bool separated = i + 1 == mac.size() || digits[2] == ':';
        if (error != std::errc{} || end != digits + 2 || !separated) {
            return std::nullopt;
        }
    }
    return mac;
}

std::string to_string(const MacAddress& mac) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : mac) {
        text += text.empty() ? "" : ":";
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xfU];
    }
    return text;
}

MacAddress mac_for(std::string_view key) noexcept {
    std::uint64_t hash = hash_of(key);
    MacAddress mac{};
    for (std::uint8_t& byte : mac) {
        byte = static_cast<std::uint8_t>(hash);
        hash >>= kByte;
    }
    mac.front() = static_cast<std::uint8_t>((mac.front() & 0xfcU) | 0x02U);
    return mac;
}

std::string short_name(std::string_view prefix, std::string_view key) {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr unsigned kBitsPerLetter = 5;
    constexpr unsigned kLetters = 10;
    std::string name{prefix};
    std::uint64_t rest = hash_of(key);
    for (unsigned i = 0; i < kLetters; ++i) {
        name += kAlphabet[rest % kAlphabet.size()];
        rest >>= kBitsPerLetter;
    }
    return name;
}

}  // namespace brig::net
