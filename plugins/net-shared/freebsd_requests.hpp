// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ip.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/in_var.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// For SIOCSIFINFO_FLAGS. As in netinet6/nd6.h, which C++ cannot read; its name is in the request's
/// number.
// NOLINTNEXTLINE(readability-identifier-naming)
struct in6_ndireq {
    char ifname[IFNAMSIZ];
    std::uint32_t limits[5];
    std::uint32_t flags;
    std::int32_t recalculate;
    std::uint8_t rest[2 + 3 * 8];
};

/// What is handed to the kernel, as bytes: prepared here, sent from this stack or from a jail's.
namespace brig::net {

/// Names are checked where they come from; what is too long is cut off.
template <std::size_t size>
void set_name(char (&field)[size], const std::string& name) {
    static_cast<void>(::strlcpy(field, name.c_str(), size));
}

[[nodiscard]] ifreq named_request(const std::string& interface);

/// For SIOCAIFADDR and SIOCAIFADDR_IN6.
[[nodiscard]] in_aliasreq address_request4(const std::string& interface, const IpPrefix& prefix);
[[nodiscard]] in6_aliasreq address_request6(const std::string& interface, const IpPrefix& prefix);

/// For SIOCSIFINFO_FLAGS: IPv6 is on, has an address for the link, and looks for no duplicates.
[[nodiscard]] in6_ndireq neighbour_request(const std::string& interface);

/// A route.
struct Route {
    std::optional<IpPrefix> to;        ///< nothing: the default one
    std::optional<IpAddress> gateway;  ///< nothing: directly through the interface
    bool is_ip6 = false;
};

/// A message of route(4).
struct RouteMessage {
    std::vector<unsigned char> bytes;
    std::size_t index_at = 0;  ///< where the index of the interface goes (2 bytes); 0: nowhere
    std::size_t scope_at = 0;  ///< the same, most significant byte first, in an fe80:: address
};

/// The address that IPv6 makes for the link, from the link-layer address (RFC 4291, appendix A).
[[nodiscard]] IpAddress link_local_address(const MacAddress& mac);

/// RTM_ADD of an entry in the table of neighbours that stays: who has `address` on the link.
[[nodiscard]] RouteMessage neighbour_message(const IpAddress& address, const MacAddress& mac);

/// @param type RTM_ADD, RTM_DELETE, RTM_CHANGE
[[nodiscard]] RouteMessage route_message(unsigned char type, const Route& route);

}  // namespace brig::net
