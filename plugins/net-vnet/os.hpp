// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "ip.hpp"
#include "settings.hpp"

#include <optional>
#include <string>
#include <vector>

/// What differs between the operating systems: linux.cpp and freebsd.cpp. All of it through the
/// kernel's own interfaces; no program runs. Every function throws sdk::Error that says what was
/// being done to what, and what the kernel said.
namespace brig::net_vnet::os {

/// The bridge of a network, as it is to be.
struct Bridge {
    std::string name;
    std::string tag;                  ///< who owns it (interface alias, or description)
    std::vector<IpPrefix> addresses;  ///< the host's own on it: the gateways
    unsigned mtu = 0;                 ///< 0: as the kernel makes it
};

/// Whether a pair has to go before the jail does: on FreeBSD, where the inner end would come back
/// to the host under the name that it has inside.
inline constexpr bool kDetachesBeforeJail = NET_VNET_DETACHES_BEFORE_JAIL;  // of CMakeLists.txt

/// Makes the bridge, or makes it so again. There as it is to be: nothing happens. There with other
/// addresses or another MTU: changed if nothing is attached to it.
/// Returns whether something was done.
/// @throws Error{BRIG_CONFLICT}: an interface of that name is not ours; it is in use and otherwise
///         than wanted; an address of the host is in one of its networks
bool ensure_bridge(const Bridge& bridge);

/// Removes what ensure_bridge() made; not there is fine. @throws Error{BRIG_BUSY} with ports.
void remove_bridge(const std::string& name, const std::string& tag);

[[nodiscard]] sdk::Condition check_bridge(const Bridge& bridge);

/// @throws Error{BRIG_UNAVAILABLE}: no such bridge, or something else
void require_bridge(const std::string& name);

/// @throws Error{BRIG_UNAVAILABLE}: the host has no such interface (now)
void require_interface(const std::string& name);

/// The host's addresses on an interface: nobody else may have them.
[[nodiscard]] std::vector<IpAddress> addresses_of(const std::string& interface);

/// The jail's stack.
struct Jail {
    int id = -1;
    std::string netns;  ///< Linux
};

/// A jail's place on a network.
struct Attachment {
    Mode mode = Mode::bridge;
    std::string tag;
    std::string host_end;    ///< of the pair: stable, short, of this attachment alone
    std::string inner;       ///< what the interface is to be called inside; empty: as it was called
                             ///< before, or else eth0 or the next that is free
    std::string last_inner;  ///< what it was called before, if it is set up again
    net::MacAddress mac{};
    net::MacAddress host_mac{};
    std::string bridge;     ///< of Mode::bridge
    std::string interface;  ///< of Mode::interface; is inside already, and keeps its name
    bool isolated = false;  ///< as a port of the bridge: sees only those that are not
    unsigned mtu = 0;
    std::vector<IpPrefix> addresses;
    std::optional<IpAddress> gateway4, gateway6;  ///< of routed networks: the host end's address
    bool route4 = false, route6 = false;          ///< the default route goes there
};

/// Connects the jail, and returns how the interface is called inside. Again: mends what is missing,
/// takes the default route or leaves it, and succeeds.
std::string attach(const Attachment& attachment, const Jail& jail);

/// Removes the pair with what hangs on it. From any state; absent is fine, and what does not bear
/// the tag is left alone.
/// @param surely the interfaces are gone when this returns. Otherwise the end of the jail's stack,
///               which the kernel comes to in its own time, may be relied on.
void detach(const std::string& host_end, const std::string& tag, bool surely);

/// @param jail nothing: it does not run
[[nodiscard]] sdk::Condition check_attachment(const Attachment& attachment,
                                              const std::optional<Jail>& jail);

/// Something on the host that bears a tag.
struct Tagged {
    std::string tag;
    std::string name;
};

/// All interfaces whose tag begins with `prefix`.
[[nodiscard]] std::vector<Tagged> tagged_interfaces(const std::string& prefix);

/// Whether the host forwards packets of the protocol.
[[nodiscard]] bool forwards(bool is_ip6);
void turn_on_forwarding(bool is_ip6);
void turn_off_forwarding(bool is_ip6);

/// Whether the host could make such networks at all. @throws Error that says what it lacks
void require_ready(Mode mode);

}  // namespace brig::net_vnet::os
