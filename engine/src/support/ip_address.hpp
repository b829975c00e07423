// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// An IPv4 or IPv6 address as a number, most significant byte first.
struct IpAddress {
    bool is_ip6 = false;
    std::array<std::uint8_t, 16> bytes{};  ///< IPv4 uses the first four

    /// 4 or 16.
    [[nodiscard]] std::size_t size() const noexcept { return is_ip6 ? 16 : 4; }

    /// In the usual spelling (RFC 5952 for IPv6).
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// A network, "10.0.0.0/24". Bits of the address beyond the prefix are kept.
struct IpNetwork {
    IpAddress address;
    unsigned prefix = 0;
};

/// Reads an address and nothing else; no scope, no blanks.
[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);

[[nodiscard]] std::optional<IpNetwork> parse_ip_network(std::string_view text);

[[nodiscard]] std::string to_string(const IpNetwork& network);

/// Whether there is an address that is in both.
[[nodiscard]] bool overlap(const IpNetwork& one, const IpNetwork& other) noexcept;

}  // namespace brig
