// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ip.hpp"
#include "linux_netlink.hpp"

#include <optional>
#include <string>
#include <vector>

/// Interfaces, their addresses and routes, as rtnetlink(7) has them.
namespace brig::net {

/// An interface as the kernel shows it.
struct Link {
    int index = 0;
    std::string name;
    std::string kind;   ///< "bridge", "veth", …; "" for hardware
    std::string alias;  ///< where owner tags are
    MacAddress mac{};
    int master = 0;  ///< the index of the bridge it is a port of; 0: none
    int peer = 0;    ///< of a veth: the index of the other end, in its own namespace
    unsigned mtu = 0;
    bool is_up = false;
    bool is_isolated = false;  ///< as a port of a bridge
};

/// An address of an interface.
struct LinkAddress {
    int index = 0;
    IpPrefix prefix;
};

/// The interface called `name`, if there is one.
[[nodiscard]] std::optional<Link> find_link(const Netlink& netlink, const std::string& name);

[[nodiscard]] std::vector<Link> all_links(const Netlink& netlink);

/// The addresses of all interfaces; those that IPv6 makes by itself for one link are left out.
[[nodiscard]] std::vector<LinkAddress> all_addresses(const Netlink& netlink);

/// A message about the interface `index`: RTM_NEWLINK that changes it.
[[nodiscard]] Message change_link(std::string doing, int index);

/// Brings it up, or down.
[[nodiscard]] Message bring_up(const Link& link);

/// Gives it the tag, which is how `list` finds it. The kernel takes none when an interface is made,
/// so this goes in the same batch.
[[nodiscard]] Message set_alias(const std::string& interface, const std::string& tag);

/// Adds an address; there already is fine. Nobody looks for duplicates of it (IPv6), so that it can
/// be used at once.
[[nodiscard]] Message add_address(int index, const IpPrefix& prefix);

/// Takes it away; not there is fine.
[[nodiscard]] Message remove_address(int index, const IpPrefix& prefix);

/// Removes an interface; not there is fine.
[[nodiscard]] Message remove_link(int index, const std::string& name);

/// A route to `to` (nothing: the default one) through `gateway`, or directly to what is on the
/// link. Another one to there is replaced.
[[nodiscard]] Message add_route(int index,
                                const std::optional<IpPrefix>& to,
                                const std::optional<IpAddress>& gateway,
                                bool is_ip6);

/// Whether IPv6 makes an address for the link by itself, which takes time, when it is brought up.
[[nodiscard]] Message without_link_local(const Link& link);

/// Takes the default route through that interface away; not there is fine.
[[nodiscard]] Message remove_default_route(int index, bool is_ip6);

/// Whether there is a default route through the interface.
[[nodiscard]] bool has_default_route(const Netlink& netlink, int index, bool is_ip6);

}  // namespace brig::net
