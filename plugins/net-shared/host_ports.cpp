// SPDX-License-Identifier: BSD-2-Clause
#include "host_ports.hpp"

#include "ip.hpp"
#include "network_options.hpp"
#include "system.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace brig::net {

namespace {

/// Where a program could listen.
union Place {
    sockaddr any;
    sockaddr_in ip4;
    sockaddr_in6 ip6;
};

Place place_at(const IpAddress& address) {
    Place place{};
    if (address.is_ip6) {
        place.ip6.sin6_family = AF_INET6;
        std::memcpy(&place.ip6.sin6_addr, address.bytes.data(), address.size());
    } else {
        place.ip4.sin_family = AF_INET;
        std::memcpy(&place.ip4.sin_addr, address.bytes.data(), address.size());
    }
    return place;
}

/// False only if somebody has the port: what cannot be found out (a port that needs a privilege, an
/// address that the host does not have yet) is no obstacle.
bool can_bind(const HostPort& wanted, Place place) {
    const bool is_ip6 = place.any.sa_family == AF_INET6;
    const int type = wanted.is_tcp ? SOCK_STREAM : SOCK_DGRAM;
    const UniqueFd socket{::socket(place.any.sa_family, type | SOCK_CLOEXEC, 0)};
    const int on = 1;
    if (wanted.is_tcp) {
        // Connections that have ended are no program that listens.
        static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    }
    if (is_ip6) {
        // Otherwise a program on the IPv4 address would be found here, too.
        static_cast<void>(::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
    }
    (is_ip6 ? place.ip6.sin6_port : place.ip4.sin_port) =
        htons(static_cast<std::uint16_t>(wanted.port));
    const auto size = static_cast<socklen_t>(is_ip6 ? sizeof place.ip6 : sizeof place.ip4);
    return ::bind(socket.get(), &place.any, size) == 0 || errno != EADDRINUSE;
}

struct FreeAddresses {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

/// Whether a program has the port at one of the host's own addresses. A container on the host's
/// stack may.
bool is_taken_somewhere(const HostPort& wanted, sa_family_t family) {
    ifaddrs* first = nullptr;
    check(::getifaddrs(&first), "list the addresses of the host");
    const std::unique_ptr<ifaddrs, FreeAddresses> list{first};
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != family
            || std::string_view{each->ifa_name}.substr(0, kHostStackPrefix.size())
                   == kHostStackPrefix) {
            continue;
        }
        Place place{};
        std::memcpy(
            &place, each->ifa_addr, family == AF_INET6 ? sizeof place.ip6 : sizeof place.ip4);
        if (!can_bind(wanted, place)) {
            return true;
        }
    }
    return false;
}

bool is_free_everywhere(const HostPort& wanted, bool is_ip6) {
    const Place everywhere = place_at({is_ip6, {}});
    return can_bind(wanted, everywhere) || !is_taken_somewhere(wanted, everywhere.any.sa_family);
}

}  // namespace

void require_unused_port(const HostPort& port) {
    const auto address = parse_ip(port.address);
    const bool is_any4 = !address || *address == IpAddress{false, {}};
    const bool is_any6 = !address || *address == IpAddress{true, {}};
    const bool is_free = (!is_any4 || is_free_everywhere(port, false))
                         && (!is_any6 || is_free_everywhere(port, true))
                         && (is_any4 || is_any6 || can_bind(port, place_at(*address)));
    if (!is_free) {
        throw sdk::Error{BRIG_CONFLICT,
                         "port " + std::to_string(port.port) + (port.is_tcp ? "/tcp" : "/udp")
                             + " of the host is in use by a program there",
                         "stop that program, or publish another port"};
    }
}

}  // namespace brig::net
