// SPDX-License-Identifier: BSD-2-Clause
#include "freebsd_interfaces.hpp"

#include "freebsd_requests.hpp"
#include "system.hpp"

// The second needs the first.
// clang-format off
#include <sys/param.h>
#include <sys/linker.h>
// clang-format on

#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_bridgevar.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/sysctl.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace brig::net {

namespace {

UniqueFd open_socket(int family = AF_LOCAL) {
    return UniqueFd{
        check(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "open a socket for interfaces")};
}

// ---- Listing ----

/// The addresses behind a message, as far as the message's bits say that they are there.
class Addresses {
  public:
    Addresses(const unsigned char* begin, const unsigned char* end, int present) {
        for (int bit = 0; bit < RTAX_MAX; ++bit) {
            if ((present & (1 << bit)) == 0 || begin + offsetof(sockaddr, sa_data) > end) {
                continue;
            }
            const auto* address = reinterpret_cast<const sockaddr*>(begin);
            if (begin + address->sa_len > end) {
                return;
            }
            found_.at(static_cast<std::size_t>(bit)) = begin;
            begin += SA_SIZE(address);
        }
    }

    [[nodiscard]] const unsigned char* get(int which) const {
        return found_.at(static_cast<std::size_t>(which));
    }

  private:
    std::array<const unsigned char*, RTAX_MAX> found_{};
};

/// The bytes of an address at `offset`, as many as it has; masks end where only zeros follow.
void copy_bytes(const unsigned char* address,
                std::size_t offset,
                std::uint8_t* to,
                std::size_t size) {
    const std::size_t length = address[0];  // sa_len
    if (length > offset) {
        std::memcpy(to, address + offset, std::min(size, length - offset));
    }
}

std::optional<IpPrefix> prefix_of(const Addresses& addresses) {
    const unsigned char* own = addresses.get(RTAX_IFA);
    const unsigned char* mask = addresses.get(RTAX_NETMASK);
    const int family = own != nullptr ? own[1] : AF_UNSPEC;
    if (family != AF_INET && family != AF_INET6) {
        return std::nullopt;
    }
    IpPrefix prefix;
    prefix.address.is_ip6 = family == AF_INET6;
    const std::size_t offset =
        family == AF_INET6 ? offsetof(sockaddr_in6, sin6_addr) : offsetof(sockaddr_in, sin_addr);
    copy_bytes(own, offset, prefix.address.bytes.data(), prefix.address.size());
    IpAddress ones;
    if (mask != nullptr) {
        copy_bytes(mask, offset, ones.bytes.data(), prefix.address.size());
    }
    for (const std::uint8_t byte : ones.bytes) {
        prefix.length += static_cast<unsigned>(__builtin_popcount(byte));
    }
    const bool is_link_local = family == AF_INET6 && prefix.address.bytes[0] == 0xfe
                               && (prefix.address.bytes[1] & 0xc0U) == 0x80;
    return is_link_local ? std::nullopt : std::optional{prefix};
}

Interface interface_of(const if_msghdrl& header, const if_data& data, const Addresses& addresses) {
    Interface interface;
    interface.index = header.ifm_index;
    interface.mtu = static_cast<unsigned>(data.ifi_mtu);
    interface.is_up = (header.ifm_flags & IFF_UP) != 0;
    interface.is_bridge = data.ifi_type == IFT_BRIDGE;
    interface.is_loopback = (header.ifm_flags & IFF_LOOPBACK) != 0;
    if (const unsigned char* bytes = addresses.get(RTAX_IFP)) {
        const auto* link = reinterpret_cast<const sockaddr_dl*>(bytes);
        interface.name.assign(link->sdl_data, link->sdl_nlen);
        if (link->sdl_alen == interface.mac.size()) {
            std::memcpy(interface.mac.data(), LLADDR(link), interface.mac.size());
        }
    }
    return interface;
}

/// One of the messages of a list. The addresses of an interface follow it.
void take_message(const unsigned char* message,
                  const unsigned char* end,
                  std::vector<Interface>& interfaces) {
    const auto* header = reinterpret_cast<const if_msghdrl*>(message);
    if (header->ifm_type == RTM_IFINFO) {
        const auto* data = reinterpret_cast<const if_data*>(message + header->ifm_data_off);
        interfaces.push_back(interface_of(
            *header, *data, Addresses{message + header->ifm_len, end, header->ifm_addrs}));
    } else if (header->ifm_type == RTM_NEWADDR && !interfaces.empty()) {
        const auto* own = reinterpret_cast<const ifa_msghdrl*>(message);
        const Addresses addresses{message + own->ifam_len, end, own->ifam_addrs};
        if (const auto prefix = prefix_of(addresses)) {
            interfaces.back().addresses.push_back(*prefix);
        }
    }
}

std::vector<unsigned char> interface_list() {
    std::array<int, 6> name{CTL_NET, PF_ROUTE, 0, AF_UNSPEC, NET_RT_IFLISTL, 0};
    while (true) {
        std::size_t length = 0;
        check(::sysctl(name.data(), name.size(), nullptr, &length, nullptr, 0),
              "list the interfaces");
        std::vector<unsigned char> list(length + length / 4 + 4096);
        length = list.size();
        const int result = ::sysctl(name.data(), name.size(), list.data(), &length, nullptr, 0);
        if (result != 0 && errno == ENOMEM) {
            continue;  // one was added in between
        }
        check(result, "list the interfaces");
        list.resize(length);
        return list;
    }
}

// ---- Bridges ----

int bridge_request(int socket, const std::string& bridge, unsigned long command, ifbreq& request) {
    ifdrv driver{};
    set_name(driver.ifd_name, bridge);
    driver.ifd_cmd = command;
    driver.ifd_len = sizeof request;
    driver.ifd_data = &request;
    return ::ioctl(socket, command == BRDGGIFFLGS ? SIOCGDRVSPEC : SIOCSDRVSPEC, &driver);
}

/// Asks with room for more ports until there is enough.
std::vector<ifbreq> port_requests(int socket, const std::string& bridge) {
    std::vector<ifbreq> ports(32);
    while (true) {
        ifbifconf list{};
        list.ifbic_len = static_cast<std::uint32_t>(ports.size() * sizeof(ifbreq));
        list.ifbic_req = ports.data();
        ifdrv driver{};
        set_name(driver.ifd_name, bridge);
        driver.ifd_cmd = BRDGGIFS;
        driver.ifd_len = sizeof list;
        driver.ifd_data = &list;
        check(::ioctl(socket, SIOCGDRVSPEC, &driver), "list the ports of bridge '", bridge, "'");
        const std::size_t count = list.ifbic_len / sizeof(ifbreq);
        if (count < ports.size()) {
            ports.resize(count);
            return ports;
        }
        ports.resize(ports.size() * 2);
    }
}

void leave_other_bridge(int socket, const std::string& bridge, const std::string& port) {
    for (const Interface& other : all_interfaces()) {
        if (!other.is_bridge || other.name == bridge) {
            continue;
        }
        ifbreq request{};
        set_name(request.ifbr_ifsname, port);
        static_cast<void>(bridge_request(socket, other.name, BRDGDEL, request));
    }
}

// ---- Requests ----

template <typename Request>
void perform(unsigned long command,
             Request& request,
             const std::string& attempt,
             int family = AF_LOCAL) {
    const UniqueFd socket = open_socket(family);
    check(::ioctl(socket.get(), command, &request), attempt);
}

}  // namespace

std::vector<Interface> parse_interfaces(const unsigned char* list, std::size_t length) {
    std::vector<Interface> interfaces;
    std::size_t at = 0;
    while (at + sizeof(ifa_msghdrl) <= length) {
        const unsigned char* message = list + at;
        const std::size_t size = reinterpret_cast<const if_msghdrl*>(message)->ifm_msglen;
        if (size < sizeof(ifa_msghdrl) || at + size > length) {
            break;
        }
        take_message(message, message + size, interfaces);
        at += size;
    }
    return interfaces;
}

std::vector<Interface> all_interfaces() {
    const std::vector<unsigned char> list = interface_list();
    return parse_interfaces(list.data(), list.size());
}

std::optional<Interface> find_interface(const std::string& name) {
    for (Interface& interface : all_interfaces()) {
        if (interface.name == name) {
            return std::move(interface);
        }
    }
    return std::nullopt;
}

std::string description_of(const std::string& interface) {
    std::array<char, 1025> text{};
    ifreq request = named_request(interface);
    request.ifr_buffer.buffer = text.data();
    request.ifr_buffer.length = text.size();
    const UniqueFd socket = open_socket();
    const bool found =
        ::ioctl(socket.get(), SIOCGIFDESCR, &request) == 0 && request.ifr_buffer.buffer != nullptr;
    return found ? text.data() : "";
}

std::string create_interface(const std::string& kind) {
    ifreq request = named_request(kind);
    const UniqueFd socket = open_socket();
    int result = ::ioctl(socket.get(), SIOCIFCREATE2, &request);
    // EINVAL: nobody makes interfaces of this kind.
    if (result != 0 && errno == EINVAL && ::kldload(("if_" + kind).c_str()) >= 0) {
        request = named_request(kind);
        result = ::ioctl(socket.get(), SIOCIFCREATE2, &request);
    }
    check(result, "make an interface of kind '", kind, "'");
    return request.ifr_name;
}

bool destroy_interface(const std::string& name) {
    ifreq request = named_request(name);
    const UniqueFd socket = open_socket();
    const int result = ::ioctl(socket.get(), SIOCIFDESTROY, &request);
    if (result != 0 && errno == ENXIO) {
        return false;
    }
    check(result, "remove interface '", name, "'");
    return true;
}

bool rename_interface(const std::string& from, const std::string& to) {
    std::array<char, IFNAMSIZ> name{};
    static_cast<void>(::strlcpy(name.data(), to.c_str(), name.size()));
    ifreq request = named_request(from);
    request.ifr_data = name.data();
    const UniqueFd socket = open_socket();
    const int result = ::ioctl(socket.get(), SIOCSIFNAME, &request);
    if (result != 0 && errno == EEXIST) {
        return false;
    }
    check(result, "rename interface '", from, "' to '", to, "'");
    return true;
}

void describe_interface(const std::string& name, const std::string& tag) {
    std::string text = tag;
    ifreq request = named_request(name);
    request.ifr_buffer.buffer = text.data();
    request.ifr_buffer.length = text.size() + 1;
    perform(SIOCSIFDESCR, request, "describe interface '" + name + "'");
    ifgroupreq group{};
    set_name(group.ifgr_name, name);
    set_name(group.ifgr_group, kInterfaceGroup);
    const UniqueFd socket = open_socket();
    if (::ioctl(socket.get(), SIOCAIFGROUP, &group) != 0 && errno != EEXIST) {
        throw_errno(errno, "put interface '" + name + "' into group '" + kInterfaceGroup + "'");
    }
}

void set_mac(const std::string& name, const MacAddress& mac) {
    ifreq request = named_request(name);
    request.ifr_addr.sa_len = ETHER_ADDR_LEN;
    request.ifr_addr.sa_family = AF_LINK;
    std::memcpy(request.ifr_addr.sa_data, mac.data(), mac.size());
    perform(SIOCSIFLLADDR, request, "set the link-layer address of '" + name + "'");
}

void set_mtu(const std::string& name, unsigned mtu) {
    ifreq request = named_request(name);
    request.ifr_mtu = static_cast<int>(mtu);
    perform(SIOCSIFMTU, request, "set the MTU of '" + name + "' to " + std::to_string(mtu));
}

void bring_up(const std::string& name) {
    ifreq request = named_request(name);
    const UniqueFd socket = open_socket();
    check(::ioctl(socket.get(), SIOCGIFFLAGS, &request), "read the flags of '", name, "'");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "bring up interface '", name, "'");
}

void turn_on_ip6(const std::string& name) {
    in6_ndireq request = neighbour_request(name);
    perform(SIOCSIFINFO_FLAGS, request, "turn on IPv6 on '" + name + "'", AF_INET6);
}

bool add_address(const std::string& interface, const IpPrefix& prefix) {
    const std::string attempt = "add address " + prefix.to_string() + " to '" + interface + "'";
    if (!prefix.address.is_ip6) {
        in_aliasreq request = address_request4(interface, prefix);
        perform(SIOCAIFADDR, request, attempt, AF_INET);
        return true;
    }
    in6_aliasreq request = address_request6(interface, prefix);
    const UniqueFd socket = open_socket(AF_INET6);
    const int result = ::ioctl(socket.get(), SIOCAIFADDR_IN6, &request);
    if (result != 0 && errno == EEXIST) {
        return false;
    }
    check(result, attempt);
    return true;
}

void remove_address(const std::string& interface, const IpPrefix& prefix) {
    const bool is_ip6 = prefix.address.is_ip6;
    const UniqueFd socket = open_socket(is_ip6 ? AF_INET6 : AF_INET);
    int result = 0;
    if (is_ip6) {
        in6_ifreq request{};
        set_name(request.ifr_name, interface);
        request.ifr_ifru.ifru_addr = address_request6(interface, prefix).ifra_addr;
        result = ::ioctl(socket.get(), SIOCDIFADDR_IN6, &request);
    } else {
        ifreq request = named_request(interface);
        const sockaddr_in own = address_request4(interface, prefix).ifra_addr;
        std::memcpy(&request.ifr_addr, &own, sizeof own);
        result = ::ioctl(socket.get(), SIOCDIFADDR, &request);
    }
    if (result != 0 && errno != EADDRNOTAVAIL) {
        throw_errno(errno, "remove address " + prefix.to_string() + " from '" + interface + "'");
    }
}

void add_host_route(const std::string& interface, const IpAddress& address) {
    const unsigned index = ::if_nametoindex(interface.c_str());
    const Route route{IpPrefix{address, address.bits()}, std::nullopt, address.is_ip6};
    const UniqueFd socket{
        check(::socket(PF_ROUTE, SOCK_RAW | SOCK_CLOEXEC, 0), "open a socket for routes")};
    for (const int type : {RTM_ADD, RTM_CHANGE}) {
        RouteMessage message = route_message(static_cast<unsigned char>(type), route);
        const auto number = static_cast<std::uint16_t>(index);
        std::memcpy(message.bytes.data() + message.index_at, &number, sizeof number);
        if (::write(socket.get(), message.bytes.data(), message.bytes.size()) >= 0) {
            return;
        }
        if (errno != EEXIST || type == RTM_CHANGE) {
            throw_errno(errno,
                        "add a route to " + address.to_string() + " through '" + interface + "'");
        }
    }
}

std::vector<Port> ports_of(const std::string& bridge) {
    const UniqueFd socket = open_socket();
    std::vector<Port> ports;
    for (const ifbreq& request : port_requests(socket.get(), bridge)) {
        ports.push_back({request.ifbr_ifsname, (request.ifbr_ifsflags & IFBIF_PRIVATE) != 0});
    }
    return ports;
}

void set_port(const std::string& bridge, const Port& port) {
    const UniqueFd socket = open_socket();
    ifbreq request{};
    set_name(request.ifbr_ifsname, port.name);
    const std::string attempt = "make '" + port.name + "' a port of bridge '" + bridge + "'";
    int result = bridge_request(socket.get(), bridge, BRDGADD, request);
    if (result != 0 && errno == EBUSY) {
        leave_other_bridge(socket.get(), bridge, port.name);
        result = bridge_request(socket.get(), bridge, BRDGADD, request);
    }
    if (result != 0 && errno != EEXIST) {
        throw_errno(errno, attempt);
    }
    check(bridge_request(socket.get(), bridge, BRDGGIFFLGS, request), attempt);
    const std::uint32_t flags = port.is_private
                                    ? request.ifbr_ifsflags | IFBIF_PRIVATE
                                    : request.ifbr_ifsflags & ~std::uint32_t{IFBIF_PRIVATE};
    if (flags != request.ifbr_ifsflags) {
        request.ifbr_ifsflags = flags;
        check(bridge_request(socket.get(), bridge, BRDGSIFFLGS, request), attempt);
    }
}

void move_to_jail(const std::string& interface, int jail) {
    ifreq request = named_request(interface);
    request.ifr_jid = jail;
    perform(SIOCSIFVNET,
            request,
            "move interface '" + interface + "' into jail " + std::to_string(jail));
}

}  // namespace brig::net
