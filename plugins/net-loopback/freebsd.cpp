// SPDX-License-Identifier: BSD-2-Clause
#include "os.hpp"
#include "pf_rules.hpp"
#include "system.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/in_var.h>
#include <netinet6/in6_var.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace brig::net_loopback::os {

namespace {

using net::check;
using net::UniqueFd;
using sdk::Error;

/// The cloner, lo(4), which takes a number behind it and no other name.
constexpr const char* kKind = "lo";

/// ND6_INFINITE_LIFETIME, whose header is the kernel's.
constexpr std::uint32_t kForever = 0xffffffff;

UniqueFd open_socket(bool is_ip6 = false) {
    return UniqueFd{check(::socket(is_ip6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
                          "open a socket")};
}

template <std::size_t size>
void set_name(char (&field)[size], const std::string& name) {
    static_cast<void>(::strlcpy(field, name.c_str(), size));
}

ifreq request_for(const std::string& name) {
    ifreq request{};
    set_name(request.ifr_name, name);
    return request;
}

/// The interface's description; "" if it has none, or is gone.
std::string description_of(int socket, const std::string& name) {
    std::array<char, 256> text{};
    ifreq request = request_for(name);
    request.ifr_buffer.buffer = text.data();
    request.ifr_buffer.length = text.size();
    const bool has_one =
        ::ioctl(socket, SIOCGIFDESCR, &request) == 0 && request.ifr_buffer.buffer != nullptr;
    return has_one ? std::string{text.data()} : "";
}

std::optional<Interface> look_at(int socket, const std::string& name) {
    ifreq request = request_for(name);
    if (::ioctl(socket, SIOCGIFFLAGS, &request) != 0) {
        if (errno == ENXIO) {
            return std::nullopt;
        }
        check(-1, "look at interface '", name, "'");
    }
    const bool is_up = (static_cast<unsigned short>(request.ifr_flags) & IFF_UP) != 0;
    return Interface{name, description_of(socket, name), is_up};
}

void describe(int socket, const std::string& name, const std::string& tag) {
    ifreq request = request_for(name);
    request.ifr_buffer.buffer = const_cast<char*>(tag.c_str());  // only read from
    request.ifr_buffer.length = tag.size() + 1;
    check(::ioctl(socket, SIOCSIFDESCR, &request), "tag interface '", name, "'");
    ifgroupreq group{};
    set_name(group.ifgr_name, name);
    set_name(group.ifgr_group, net::kPfJailGroup);
    if (::ioctl(socket, SIOCAIFGROUP, &group) != 0 && errno != EEXIST) {
        check(-1, "put interface '", name, "' into group '", net::kPfJailGroup, "'");
    }
}

struct FreeNames {
    void operator()(struct if_nameindex* names) const noexcept { ::if_freenameindex(names); }
};

struct FreeAddresses {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

/// Nothing for what is no IP address, or belongs to one link.
std::optional<net::IpAddress> address_of(const sockaddr* from) {
    net::IpAddress address;
    if (from != nullptr && from->sa_family == AF_INET) {
        sockaddr_in ip4{};
        std::memcpy(&ip4, from, sizeof ip4);
        std::memcpy(address.bytes.data(), &ip4.sin_addr, sizeof ip4.sin_addr);
        return address;
    }
    if (from != nullptr && from->sa_family == AF_INET6) {
        sockaddr_in6 ip6{};
        std::memcpy(&ip6, from, sizeof ip6);
        std::memcpy(address.bytes.data(), &ip6.sin6_addr, sizeof ip6.sin6_addr);
        address.is_ip6 = true;
        return IN6_IS_ADDR_LINKLOCAL(&ip6.sin6_addr) ? std::nullopt : std::optional{address};
    }
    return std::nullopt;
}

sockaddr_in socket_address4(const net::IpAddress& from) {
    sockaddr_in address{};
    address.sin_len = sizeof address;
    address.sin_family = AF_INET;
    std::memcpy(&address.sin_addr, from.bytes.data(), sizeof address.sin_addr);
    return address;
}

sockaddr_in6 socket_address6(const net::IpAddress& from) {
    sockaddr_in6 address{};
    address.sin6_len = sizeof address;
    address.sin6_family = AF_INET6;
    std::memcpy(&address.sin6_addr, from.bytes.data(), sizeof address.sin6_addr);
    return address;
}

/// The mask of an address alone: all ones.
net::IpAddress full_mask(bool is_ip6) {
    net::IpAddress mask;
    mask.is_ip6 = is_ip6;
    mask.bytes.fill(0xff);
    return mask;
}

int add(int socket, const HostAddress& address) {
    const net::IpAddress mask = full_mask(address.address.is_ip6);
    if (address.address.is_ip6) {
        in6_aliasreq request{};
        set_name(request.ifra_name, address.interface);
        request.ifra_addr = socket_address6(address.address);
        request.ifra_prefixmask = socket_address6(mask);
        request.ifra_flags = IN6_IFF_NODAD;
        request.ifra_lifetime.ia6t_vltime = kForever;
        request.ifra_lifetime.ia6t_pltime = kForever;
        return ::ioctl(socket, SIOCAIFADDR_IN6, &request);
    }
    ifaliasreq request{};
    set_name(request.ifra_name, address.interface);
    const sockaddr_in own = socket_address4(address.address);
    const sockaddr_in ones = socket_address4(mask);
    std::memcpy(&request.ifra_addr, &own, sizeof own);
    std::memcpy(&request.ifra_mask, &ones, sizeof ones);
    return ::ioctl(socket, SIOCAIFADDR, &request);
}

int remove(int socket, const HostAddress& address) {
    if (address.address.is_ip6) {
        in6_ifreq request{};
        set_name(request.ifr_name, address.interface);
        request.ifr_ifru.ifru_addr = socket_address6(address.address);
        return ::ioctl(socket, SIOCDIFADDR_IN6, &request);
    }
    ifreq request = request_for(address.interface);
    const sockaddr_in own = socket_address4(address.address);
    std::memcpy(&request.ifr_addr, &own, sizeof own);
    return ::ioctl(socket, SIOCDIFADDR, &request);
}

bool has_address(const std::string& interface) {
    const std::vector<HostAddress> all = all_addresses();
    return std::any_of(all.begin(), all.end(), [&](const HostAddress& each) {
        return each.interface == interface;
    });
}

/// Making and tagging are two calls. One that is down, without description and addresses, under the
/// number that we would take, is what a crash between them leaves.
bool is_abandoned(const Interface& interface) {
    return !interface.is_up && interface.tag.empty() && !has_address(interface.name);
}

/// A number that follows from `key`, beyond those that people use and cloning gives.
unsigned first_number(const std::string& key) {
    constexpr unsigned kFirst = 1000;
    constexpr unsigned kEnd = 32000;  // IF_MAXUNIT is 32767
    const net::MacAddress hash = net::mac_for(key);
    return kFirst + ((unsigned{hash[1]} << 8U) | hash[2]) % (kEnd - kFirst);
}

}  // namespace

std::optional<Interface> find_interface(const std::string& name) {
    const UniqueFd socket = open_socket();
    return look_at(socket.get(), name);
}

std::optional<Interface> find_tagged(const std::string& tag) {
    for (Interface& each : all_tagged(tag)) {
        if (each.tag == tag) {
            return std::move(each);
        }
    }
    return std::nullopt;
}

std::vector<Interface> all_tagged(const std::string& prefix) {
    // A function has the name of the struct.
    const std::unique_ptr<struct if_nameindex, FreeNames> names{::if_nameindex()};
    if (!names) {
        check(-1, "list the interfaces of the host");
    }
    const UniqueFd socket = open_socket();
    std::vector<Interface> found;
    for (const struct if_nameindex* each = names.get(); each->if_name != nullptr; ++each) {
        const std::string name = each->if_name;
        const bool is_loopback = name.compare(0, std::strlen(kKind), kKind) == 0;
        auto interface = is_loopback ? look_at(socket.get(), name) : std::nullopt;
        if (interface && !interface->tag.empty()
            && interface->tag.compare(0, prefix.size(), prefix) == 0) {
            found.push_back(*std::move(interface));
        }
    }
    return found;
}

std::string make_interface(const std::string& key, const std::string& tag) {
    constexpr unsigned kTries = 100;
    const UniqueFd socket = open_socket();
    const unsigned first = first_number(key);
    for (unsigned number = first; number < first + kTries; ++number) {
        const std::string name = kKind + std::to_string(number);
        ifreq request = request_for(name);
        const bool made = ::ioctl(socket.get(), SIOCIFCREATE2, &request) == 0;
        if (!made && errno != EEXIST) {
            check(-1, "make interface '", name, "'");
        }
        const auto present = look_at(socket.get(), name);
        if (present && (made || present->tag == tag || is_abandoned(*present))) {
            describe(socket.get(), name, tag);
            return name;
        }
    }
    throw Error{BRIG_EXHAUSTED,
                "the interfaces from '" + (kKind + std::to_string(first)) + "' on are all there"};
}

void bring_up(const std::string& name) {
    const UniqueFd socket = open_socket();
    ifreq request = request_for(name);
    check(::ioctl(socket.get(), SIOCGIFFLAGS, &request), "look at interface '", name, "'");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "bring up interface '", name, "'");
}

void remove_interface(const std::string& name) {
    const UniqueFd socket = open_socket();
    ifreq request = request_for(name);
    if (::ioctl(socket.get(), SIOCIFDESTROY, &request) != 0 && errno != ENXIO) {
        check(-1, "remove interface '", name, "'");
    }
}

std::vector<HostAddress> all_addresses() {
    ifaddrs* first = nullptr;
    check(::getifaddrs(&first), "list the addresses of the host");
    const std::unique_ptr<ifaddrs, FreeAddresses> list{first};
    std::vector<HostAddress> found;
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        if (const auto address = address_of(each->ifa_addr)) {
            found.push_back({each->ifa_name, *address});
        }
    }
    return found;
}

void add_address(const HostAddress& address) {
    const std::vector<HostAddress> present = all_addresses();
    if (std::find(present.begin(), present.end(), address) != present.end()) {
        return;
    }
    const UniqueFd socket = open_socket(address.address.is_ip6);
    if (add(socket.get(), address) != 0 && errno != EEXIST) {
        check(-1, "give interface '", address.interface, "' address ", address.address.to_string());
    }
}

void remove_address(const HostAddress& address) {
    const UniqueFd socket = open_socket(address.address.is_ip6);
    if (remove(socket.get(), address) != 0 && errno != EADDRNOTAVAIL && errno != ENXIO) {
        check(-1,
              "take address ",
              address.address.to_string(),
              " from interface '",
              address.interface,
              "'");
    }
}

}  // namespace brig::net_loopback::os
