// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brig::net {

enum class Protocol {
    tcp,
    udp,
};

/// Ports of the host that lead to ports of a container: `count` of them from `host_first` on, each
/// to the one that has the same place from `target_first` on.
struct PublishedPorts {
    Protocol protocol = Protocol::tcp;

    /// One of the host's addresses. "": any, of both families; "0.0.0.0": any IPv4 address; "::":
    /// any IPv6 address.
    std::string host_address;

    /// Only what arrives at this interface, with any of the host's addresses; "": at any. What the
    /// host sends to itself arrives at its loopback interface.
    std::string host_interface;

    std::uint16_t host_first = 0;
    std::uint16_t count = 1;

    std::string target_address;  ///< the container's; "" until aim() has filled it in
    std::uint16_t target_first = 0;

    friend bool operator==(const PublishedPorts&, const PublishedPorts&) = default;
};

/// Reads what users write:
///
///     [ADDRESS:|INTERFACE:]HOST[-LAST]:CONTAINER[-LAST][/tcp|/udp]
///
///     8080:80   127.0.0.1:8080:80   [fd00::1]:8080:80/udp   eth0:5000-5009:5000-5009
///
/// IPv6 addresses stand in brackets. Ranges are equally long; tcp is the default. Unlike docker(1),
/// for which "80" and "127.0.0.1::80" mean a free port of the host that it chooses, the port of the
/// host has to be said: one that is chosen would be the only thing about a container that its
/// configuration does not tell.
/// @throws Error{BRIG_INVALID} that names the text and what is wrong with it
[[nodiscard]] PublishedPorts parse_published_ports(std::string_view text);

/// The same as a user would write it, without the target's address.
[[nodiscard]] std::string to_string(const PublishedPorts& ports);

/// For each of `ports` one entry per address of the container that it can lead to: IPv4 leads to
/// IPv4, IPv6 to IPv6.
/// @param ip4, ip6 the container's addresses; "": it has none of that family
/// @throws Error{BRIG_INVALID} if one leads nowhere: published on an address of a family that the
///         container has no address of
[[nodiscard]] std::vector<PublishedPorts> aim(const std::vector<PublishedPorts>& ports,
                                              const std::string& ip4,
                                              const std::string& ip6);

}  // namespace brig::net
