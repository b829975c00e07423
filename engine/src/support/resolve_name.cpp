// SPDX-License-Identifier: BSD-2-Clause
#include "support/resolve_name.hpp"

#include "support/check.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

namespace brig {

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

std::vector<IpAddress> resolve_name(const std::string& name) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;  // each address once
    addrinfo* first = nullptr;
    if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &first); error != 0) {
        throw Error{ErrorCode::not_found, fmt::format("{}: {}", name, ::gai_strerror(error))};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list{first, &::freeaddrinfo};
    std::vector<IpAddress> addresses;
    for (const addrinfo* entry = first; entry != nullptr; entry = entry->ai_next) {
        if (const auto address = ip_address_of(entry->ai_addr)) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

}  // namespace brig
