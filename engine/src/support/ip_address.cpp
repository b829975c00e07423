// SPDX-License-Identifier: BSD-2-Clause
#include "support/ip_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

namespace brig {

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(is_ip6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
    return text.data();
}

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    // inet_pton(3) would stop at a NUL and accept what stands before it.
    if (text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    IpAddress address;
    address.is_ip6 = text.find(':') != std::string_view::npos;
    const int family = address.is_ip6 ? AF_INET6 : AF_INET;
    if (::inet_pton(family, std::string{text}.c_str(), address.bytes.data()) != 1) {
        return std::nullopt;
    }
    return address;
}

std::optional<IpNetwork> parse_ip_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_ip_address(text.substr(0, slash));
    if (slash == std::string_view::npos || !address) {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(slash + 1);
    unsigned prefix = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc{} || end != digits.data() + digits.size()
        || prefix > address->size() * 8) {
        return std::nullopt;
    }
    return IpNetwork{*address, prefix};
}

std::string to_string(const IpNetwork& network) {
    return network.address.to_string() + "/" + std::to_string(network.prefix);
}

bool overlap(const IpNetwork& one, const IpNetwork& other) noexcept {
    constexpr unsigned kByte = 8;
    if (one.address.is_ip6 != other.address.is_ip6) {
        return false;
    }
    const unsigned common = std::min(one.prefix, other.prefix);
    for (unsigned bit = 0; bit < common; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % kByte));
        if (((one.address.bytes[bit / kByte] ^ other.address.bytes[bit / kByte]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

}  // namespace brig
