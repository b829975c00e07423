// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/interfaces.hpp"

#include "host/present_address.hpp"
#include "support/check.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/in_var.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace brig::freebsd {

namespace {

constexpr std::uint32_t kForever =
    0xffffffff;  // ND6_INFINITE_LIFETIME, whose header is the kernel's

/// Names are shorter than this by a rule of the parameters.
template <std::size_t size>
void set_name(char (&field)[size], const std::string& name) {
    static_cast<void>(::strlcpy(field, name.c_str(), size));
}

UniqueFd open_socket(bool is_ip6) {
    return UniqueFd{check(::socket(is_ip6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
                          "open a socket")};
}

using AddressBytes = std::array<std::uint8_t, 16>;

AddressBytes mask_of(unsigned prefix) {
    constexpr unsigned kByte = 8;
    AddressBytes mask{};
    for (unsigned bit = 0; bit < prefix; ++bit) {
        mask.at(bit / kByte) |= static_cast<std::uint8_t>(0x80U >> (bit % kByte));
    }
    return mask;
}

sockaddr_in socket_address4(const AddressBytes& bytes) {
    sockaddr_in address{};
    address.sin_len = sizeof address;
    address.sin_family = AF_INET;
    std::memcpy(&address.sin_addr, bytes.data(), sizeof address.sin_addr);
    return address;
}

sockaddr_in6 socket_address6(const AddressBytes& bytes) {
    sockaddr_in6 address{};
    address.sin6_len = sizeof address;
    address.sin6_family = AF_INET6;
    std::memcpy(&address.sin6_addr, bytes.data(), sizeof address.sin6_addr);
    return address;
}

int add(int socket, const InterfaceAddress& address) {
    if (address.address.is_ip6) {
        in6_aliasreq request{};
        set_name(request.ifra_name, address.interface);
        request.ifra_addr = socket_address6(address.address.bytes);
        request.ifra_prefixmask = socket_address6(mask_of(address.prefix));
        request.ifra_lifetime.ia6t_vltime = kForever;
        request.ifra_lifetime.ia6t_pltime = kForever;
        return ::ioctl(socket, SIOCAIFADDR_IN6, &request);
    }
    ifaliasreq request{};
    set_name(request.ifra_name, address.interface);
    const sockaddr_in own = socket_address4(address.address.bytes);
    const sockaddr_in mask = socket_address4(mask_of(address.prefix));
    std::memcpy(&request.ifra_addr, &own, sizeof own);
    std::memcpy(&request.ifra_mask, &mask, sizeof mask);
    return ::ioctl(socket, SIOCAIFADDR, &request);
}

int remove(int socket, const InterfaceAddress& address) {
    if (address.address.is_ip6) {
        in6_ifreq request{};
        set_name(request.ifr_name, address.interface);
        request.ifr_ifru.ifru_addr = socket_address6(address.address.bytes);
        return ::ioctl(socket, SIOCDIFADDR_IN6, &request);
    }
    ifreq request{};
    set_name(request.ifr_name, address.interface);
    const sockaddr_in own = socket_address4(address.address.bytes);
    std::memcpy(&request.ifr_addr, &own, sizeof own);
    return ::ioctl(socket, SIOCDIFADDR, &request);
}

int move(unsigned long direction, int jail, const std::string& interface) {
    ifreq request{};
    set_name(request.ifr_name, interface);
    request.ifr_jid = jail;
    const UniqueFd socket = open_socket(false);
    return ::ioctl(socket.get(), direction, &request);
}

}  // namespace

bool add_address(const InterfaceAddress& address, const std::function<void()>& before) {
    if (::if_nametoindex(address.interface.c_str()) == 0) {
        throw Error{ErrorCode::not_found,
                    fmt::format("no interface '{}' on the host", address.interface)};
    }
    if (has_address(address)) {
        return false;
    }
    before();
    const UniqueFd socket = open_socket(address.address.is_ip6);
    check(add(socket.get(), address), "SIOCAIFADDR");
    return true;
}

void remove_address(const InterfaceAddress& address) {
    const UniqueFd socket = open_socket(address.address.is_ip6);
    if (remove(socket.get(), address) < 0 && errno != EADDRNOTAVAIL && errno != ENXIO) {
        check(-1, "take its address from '{}'", address.interface);
    }
}

void lend_interface(const Jail& jail, const std::string& interface) {
    check(move(SIOCSIFVNET, static_cast<int>(jail.id), interface),
          "move interface '{}' to jail '{}'",
          interface,
          jail.name);
}

void return_interface(const Jail& jail, const std::string& interface) {
    if (move(SIOCSIFRVNET, static_cast<int>(jail.id), interface) < 0 && errno != ENXIO) {
        check(-1, "bring back interface '{}' from jail '{}'", interface, jail.name);
    }
}

}  // namespace brig::freebsd
