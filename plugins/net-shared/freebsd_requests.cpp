// SPDX-License-Identifier: BSD-2-Clause
#include "freebsd_requests.hpp"

#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/route.h>
#include <sys/socket.h>

#include <cstring>

static_assert(sizeof(in6_ndireq) == 72, "struct in6_ndireq of netinet6/nd6.h");

namespace brig::net {

namespace {

constexpr unsigned kBitsOfByte = 8;

IpAddress mask_of(unsigned length, bool is_ip6) {
    IpAddress mask;
    mask.is_ip6 = is_ip6;
    for (unsigned bit = 0; bit < length; ++bit) {
        mask.bytes.at(bit / kBitsOfByte) |= static_cast<std::uint8_t>(0x80U >> (bit % kBitsOfByte));
    }
    return mask;
}

sockaddr_in socket_address4(const IpAddress& address) {
    sockaddr_in socket{};
    socket.sin_len = sizeof socket;
    socket.sin_family = AF_INET;
    std::memcpy(&socket.sin_addr, address.bytes.data(), sizeof socket.sin_addr);
    return socket;
}

sockaddr_in6 socket_address6(const IpAddress& address) {
    sockaddr_in6 socket{};
    socket.sin6_len = sizeof socket;
    socket.sin6_family = AF_INET6;
    std::memcpy(&socket.sin6_addr, address.bytes.data(), sizeof socket.sin6_addr);
    return socket;
}

/// Addresses in messages of route(4) are padded to a multiple of a long.
template <typename T>
void append(std::vector<unsigned char>& bytes, const T& value) {
    const auto* begin = reinterpret_cast<const unsigned char*>(&value);
    bytes.insert(bytes.end(), begin, begin + sizeof value);
    bytes.resize((bytes.size() + sizeof(long) - 1) / sizeof(long) * sizeof(long));
}

void append_address(std::vector<unsigned char>& bytes, const IpAddress& address) {
    if (address.is_ip6) {
        append(bytes, socket_address6(address));
    } else {
        append(bytes, socket_address4(address));
    }
}

/// The length of all is in the message itself.
void finish(RouteMessage& message) {
    const auto length = static_cast<u_short>(message.bytes.size());
    std::memcpy(message.bytes.data() + offsetof(rt_msghdr, rtm_msglen), &length, sizeof length);
}

}  // namespace

ifreq named_request(const std::string& interface) {
    ifreq request{};
    set_name(request.ifr_name, interface);
    return request;
}

in_aliasreq address_request4(const std::string& interface, const IpPrefix& prefix) {
    in_aliasreq request{};
    set_name(request.ifra_name, interface);
    request.ifra_addr = socket_address4(prefix.address);
    request.ifra_mask = socket_address4(mask_of(prefix.length, false));
    return request;
}

in6_aliasreq address_request6(const std::string& interface, const IpPrefix& prefix) {
    in6_aliasreq request{};
    set_name(request.ifra_name, interface);
    request.ifra_addr = socket_address6(prefix.address);
    request.ifra_prefixmask = socket_address6(mask_of(prefix.length, true));
    request.ifra_flags = IN6_IFF_NODAD;
    constexpr std::uint32_t kForever = 0xffffffff;
    request.ifra_lifetime.ia6t_vltime = kForever;
    request.ifra_lifetime.ia6t_pltime = kForever;
    return request;
}

in6_ndireq neighbour_request(const std::string& interface) {
    in6_ndireq request{};
    set_name(request.ifname, interface);
    constexpr std::uint32_t kPerformNud = 0x1;
    constexpr std::uint32_t kAutoLinkLocal = 0x20;
    constexpr std::uint32_t kNoDad = 0x100;
    request.flags = kPerformNud | kAutoLinkLocal | kNoDad;
    return request;
}

IpAddress link_local_address(const MacAddress& mac) {
    IpAddress address;
    address.is_ip6 = true;
    address.bytes = {0xfe,
                     0x80,
                     0,
                     0,
                     0,
                     0,
                     0,
                     0,
                     static_cast<std::uint8_t>(mac[0] ^ 2U),
                     mac[1],
                     mac[2],
                     0xff,
                     0xfe,
                     mac[3],
                     mac[4],
                     mac[5]};
    return address;
}

RouteMessage neighbour_message(const IpAddress& address, const MacAddress& mac) {
    rt_msghdr header{};
    header.rtm_version = RTM_VERSION;
    header.rtm_type = RTM_ADD;
    header.rtm_flags = RTF_HOST | RTF_STATIC | RTF_LLDATA;
    header.rtm_addrs = RTA_DST | RTA_GATEWAY;
    RouteMessage message;
    append(message.bytes, header);
    append_address(message.bytes, address);
    sockaddr_dl link{};
    link.sdl_len = sizeof link;
    link.sdl_family = AF_LINK;
    link.sdl_type = IFT_ETHER;
    link.sdl_alen = static_cast<u_char>(mac.size());
    std::memcpy(link.sdl_data, mac.data(), mac.size());
    message.index_at = message.bytes.size() + offsetof(sockaddr_dl, sdl_index);
    append(message.bytes, link);
    finish(message);
    return message;
}

RouteMessage route_message(unsigned char type, const Route& route) {
    rt_msghdr header{};
    header.rtm_version = RTM_VERSION;
    header.rtm_type = type;
    header.rtm_flags = RTF_UP | RTF_STATIC | (route.gateway ? RTF_GATEWAY : 0);
    header.rtm_addrs = RTA_DST | RTA_GATEWAY | RTA_NETMASK;
    const IpPrefix to = route.to.value_or(IpPrefix{IpAddress{route.is_ip6, {}}, 0});
    if (to.length == to.address.bits()) {
        header.rtm_flags |= RTF_HOST;
        header.rtm_addrs &= ~RTA_NETMASK;
    }
    RouteMessage message;
    append(message.bytes, header);
    append_address(message.bytes, to.address);
    if (route.gateway) {
        if (route.gateway->is_ip6 && route.gateway->bytes[0] == 0xfe) {
            // Within the kernel the link is told by the address's second word.
            message.scope_at = message.bytes.size() + offsetof(sockaddr_in6, sin6_addr) + 2;
        }
        append_address(message.bytes, *route.gateway);
    } else {
        sockaddr_dl link{};
        link.sdl_len = sizeof link;
        link.sdl_family = AF_LINK;
        message.index_at = message.bytes.size() + offsetof(sockaddr_dl, sdl_index);
        append(message.bytes, link);
    }
    if ((header.rtm_flags & RTF_HOST) == 0) {
        append_address(message.bytes, mask_of(to.length, route.is_ip6));
    }
    finish(message);
    return message;
}

}  // namespace brig::net
