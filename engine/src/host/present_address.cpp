// SPDX-License-Identifier: BSD-2-Clause
#include "host/present_address.hpp"

#include "support/check.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <optional>

namespace brig {

namespace {

struct FreeList {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

/// Nothing for a family other than IPv4 and IPv6, or for no address at all.
std::optional<IpAddress> ip_address_of(const sockaddr* socket_address) {
    const int family = socket_address == nullptr ? AF_UNSPEC : socket_address->sa_family;
    IpAddress address;
    if (family == AF_INET) {
        sockaddr_in ip4{};
        std::memcpy(&ip4, socket_address, sizeof ip4);
        std::memcpy(address.bytes.data(), &ip4.sin_addr, sizeof ip4.sin_addr);
        return address;
    }
    if (family == AF_INET6) {
        sockaddr_in6 ip6{};
        std::memcpy(&ip6, socket_address, sizeof ip6);
        std::memcpy(address.bytes.data(), &ip6.sin6_addr, sizeof ip6.sin6_addr);
        address.is_ip6 = true;
        return address;
    }
    return std::nullopt;
}

}  // namespace

bool has_address(const InterfaceAddress& address) {
    ifaddrs* first = nullptr;
    check(::getifaddrs(&first), "list the addresses of the host");
    const std::unique_ptr<ifaddrs, FreeList> list{first};
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (address.interface == entry->ifa_name
            && ip_address_of(entry->ifa_addr) == address.address) {
            return true;
        }
    }
    return false;
}

}  // namespace brig
