// SPDX-License-Identifier: BSD-2-Clause
#include "host_ports.hpp"

#include "ip.hpp"
#include "system.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace brig::net {

namespace {

/// False only if somebody has the port: what cannot be found out (a port that needs a privilege, an
/// address that the host does not have yet) is no obstacle.
bool can_bind(const HostPort& wanted, const IpAddress& address) {
    const int family = address.is_ip6 ? AF_INET6 : AF_INET;
    const int type = wanted.is_tcp ? SOCK_STREAM : SOCK_DGRAM;
    const UniqueFd socket{::socket(family, type | SOCK_CLOEXEC, 0)};
    const int on = 1;
    if (wanted.is_tcp) {
        // Connections that have ended are no program that listens.
        static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    }
    const auto port = htons(static_cast<std::uint16_t>(wanted.port));
    int result = 0;
    if (address.is_ip6) {
        // Otherwise a program on the IPv4 address would be found here, too.
        static_cast<void>(::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
        sockaddr_in6 place{};
        place.sin6_family = AF_INET6;
        place.sin6_port = port;
        std::memcpy(&place.sin6_addr, address.bytes.data(), address.size());
        result = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place);
    } else {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_port = port;
        std::memcpy(&place.sin_addr, address.bytes.data(), address.size());
        result = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place);
    }
    return result == 0 || errno != EADDRINUSE;
}

}  // namespace

void require_unused_port(const HostPort& port) {
    const auto one = parse_ip(port.address);
    IpAddress any6;
    any6.is_ip6 = true;
    const bool is_free =
        one ? can_bind(port, *one) : can_bind(port, IpAddress{}) && can_bind(port, any6);
    if (!is_free) {
        throw sdk::Error{BRIG_CONFLICT,
                         "port " + std::to_string(port.port) + (port.is_tcp ? "/tcp" : "/udp")
                             + " of the host is in use by a program there",
                         "stop that program, or publish another port"};
    }
}

}  // namespace brig::net
