// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ip.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// Interfaces of this stack, their addresses and routes, through ioctl(2), route(4) and sysctl(3).
namespace brig::net {

/// Interfaces of all networks are in this group: rules of pf refer to it.
inline constexpr const char* kInterfaceGroup = "brig";

/// An interface as the kernel shows it.
struct Interface {
    int index = 0;
    std::string name;
    MacAddress mac{};
    unsigned mtu = 0;
    bool is_up = false;
    bool is_bridge = false;
    bool is_loopback = false;
    std::vector<IpPrefix> addresses;  ///< without those that IPv6 makes by itself for one link
};

/// Reads what sysctl(3) gives for NET_RT_IFLISTL, of whichever stack.
[[nodiscard]] std::vector<Interface> parse_interfaces(const unsigned char* list,
                                                      std::size_t length);

[[nodiscard]] std::vector<Interface> all_interfaces();

[[nodiscard]] std::optional<Interface> find_interface(const std::string& name);

/// The description, where owner tags are; "" if there is none, or no such interface.
[[nodiscard]] std::string description_of(const std::string& interface);

/// Makes an interface of a kind ("bridge", "epair"), loads the kernel's module for it if need be,
/// and returns its name.
[[nodiscard]] std::string create_interface(const std::string& kind);

/// False if it was not there.
bool destroy_interface(const std::string& name);

/// False if another one is called so.
bool rename_interface(const std::string& from, const std::string& to);

/// Puts the tag on it and the group.
void describe_interface(const std::string& name, const std::string& tag);

void set_mac(const std::string& name, const MacAddress& mac);
void set_mtu(const std::string& name, unsigned mtu);
void bring_up(const std::string& name);

/// IPv6 is on, with an address for the link that follows from the link-layer address, at once.
void turn_on_ip6(const std::string& name);

/// Adds an address; there already is fine. Nobody looks for duplicates of it (IPv6), so that it can
/// be used at once. False if another interface of this stack has the IPv6 address.
bool add_address(const std::string& interface, const IpPrefix& prefix);

/// Takes it away; not there is fine.
void remove_address(const std::string& interface, const IpPrefix& prefix);

/// A route to one address directly through an interface. Another one to there is replaced.
void add_host_route(const std::string& interface, const IpAddress& address);

/// A port of a bridge.
struct Port {
    std::string name;
    bool is_private = false;  ///< sees only those that are not
};

[[nodiscard]] std::vector<Port> ports_of(const std::string& bridge);

/// Makes an interface a port, or changes how it is one. Of another bridge: it leaves that.
void set_port(const std::string& bridge, const Port& port);

/// Moves an interface into the stack of a jail.
void move_to_jail(const std::string& interface, int jail);

}  // namespace brig::net
