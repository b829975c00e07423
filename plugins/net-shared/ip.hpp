// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

/// What the network drivers of brig share: addresses, the kernel's interfaces, the firewall.
namespace brig::net {

/// An IPv4 or IPv6 address as a number, most significant byte first.
struct IpAddress {
    bool is_ip6 = false;
    std::array<std::uint8_t, 16> bytes{};  ///< IPv4 uses the first four

    /// 4 or 16.
    [[nodiscard]] std::size_t size() const noexcept { return is_ip6 ? 16 : 4; }

    /// 32 or 128.
    [[nodiscard]] unsigned bits() const noexcept { return is_ip6 ? 128 : 32; }

    /// In the usual spelling (RFC 5952 for IPv6).
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
    /// By hand: arrays have no such operator in libc++ 14.
    friend std::strong_ordering operator<=>(const IpAddress& left, const IpAddress& right) {
        return left.is_ip6 != right.is_ip6
                   ? left.size() <=> right.size()
                   : std::memcmp(left.bytes.data(), right.bytes.data(), left.bytes.size()) <=> 0;
    }
};

/// Reads an address and nothing else; no scope, no blanks.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

/// An address together with the length of its network's prefix: "10.0.0.1/24". What an interface
/// is given.
struct IpPrefix {
    IpAddress address;
    unsigned length = 0;

    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const IpPrefix&, const IpPrefix&) = default;
    friend auto operator<=>(const IpPrefix&, const IpPrefix&) = default;
};

/// Reads "ADDRESS/LENGTH". Bits of the address beyond the prefix are kept.
[[nodiscard]] std::optional<IpPrefix> parse_prefix(std::string_view text);

/// A network: all addresses that begin with the prefix.
class Subnet {
  public:
    /// Bits of the address beyond the prefix do not count.
    explicit Subnet(const IpPrefix& prefix) noexcept;

    [[nodiscard]] bool is_ip6() const noexcept { return first_.is_ip6; }
    [[nodiscard]] unsigned length() const noexcept { return length_; }

    /// The address whose other bits are 0: the network's own.
    [[nodiscard]] const IpAddress& first() const noexcept { return first_; }

    /// The address whose other bits are 1: of an IPv4 network, the one for broadcasts.
    [[nodiscard]] const IpAddress& last() const noexcept { return last_; }

    /// The first and the last address that a host may have. Networks of one or two addresses have
    /// neither a network's own nor one for broadcasts (RFC 3021, RFC 6164).
    [[nodiscard]] IpAddress first_host() const noexcept;
    [[nodiscard]] IpAddress last_host() const noexcept;

    [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
    [[nodiscard]] bool is_host(const IpAddress& address) const noexcept;
    [[nodiscard]] bool overlaps(const Subnet& other) const noexcept;

    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const Subnet&, const Subnet&) = default;

  private:
    IpAddress first_;
    IpAddress last_;
    unsigned length_ = 0;
};

/// The next address, and the one before.
[[nodiscard]] IpAddress after(IpAddress address) noexcept;
[[nodiscard]] IpAddress before(IpAddress address) noexcept;

/// A link-layer address.
using MacAddress = std::array<std::uint8_t, 6>;

[[nodiscard]] std::optional<MacAddress> parse_mac(std::string_view text);
[[nodiscard]] std::string to_string(const MacAddress& mac);

/// A unicast address of local administration (IEEE 802) whose 46 other bits follow from `key`. Keys
/// with the random id of a container give addresses that differ as random ones do.
[[nodiscard]] MacAddress mac_for(std::string_view key) noexcept;

/// `prefix` and ten letters and digits that follow from `key`: the name of an interface that does
/// not belong to one attachment alone.
[[nodiscard]] std::string short_name(std::string_view prefix, std::string_view key);

}  // namespace brig::net
