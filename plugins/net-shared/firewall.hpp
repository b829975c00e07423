// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "published_ports.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The rules that a network of containers needs in the host's firewall: nftables on Linux, pf on
/// FreeBSD.
///
/// Rules belong to an owner tag, a network's or an attachment's: "brig:ENGINE:…", up to 110 letters
/// of the kind that required_tag() allows. They carry it in the system itself, as comments or
/// labels, and are found by it: nothing else is read, and nothing without such a tag is ever
/// touched. Every change is one transaction of the kernel: all rules of a tag are there, or those
/// that were there before.
///
/// What others do stays as it is. We accept nothing that they drop (an accept of ours would not
/// override it) and set no policy: a host whose own rules drop forwarded packets, as those of
/// docker and ufw do, has to let the network pass itself.
///
/// On Linux all is in the table `inet brig`, which exists as long as there is a rule in it, and is
/// changed by `brig-nft`, a program of ours.
///
/// On FreeBSD each tag has an anchor `brig/NAME`, loaded by pfctl(8). The main ruleset has to refer
/// to them, which only the administrator can do; what he blocks after that line stays blocked. An
/// anchor that was emptied goes when pf purges its rules, half a minute later.
namespace brig::net {

/// What a network does with its packets.
struct NetworkRules {
    /// The network's own, a bridge: its packets are told by it. "": there is none, as in a routed
    /// network; they are told by their addresses.
    std::string interface;
    std::string subnet4;  ///< "10.77.0.0/24", or "" if it has no IPv4
    std::string subnet6;  ///< "fd00:77::/64", or ""

    /// What leaves the network gets the host's address on its way out.
    bool nat = false;
    std::string nat_interface;  ///< only out of this one; "": whichever it leaves by

    /// Nothing is forwarded into the network or out of it, published ports included. The host
    /// itself and the containers still reach each other.
    bool internal = false;

    /// Nothing is forwarded from the network back into it: what its containers send each other
    /// through the host, published ports included. (What they send each other directly does not
    /// pass here: that is up to the bridge.)
    bool isolate = false;

    /// Its containers are on the host's own stack. Nothing is forwarded to them, and without `nat`
    /// there is nothing to be kept apart.
    bool is_on_host = false;

    /// With `is_on_host`: the host has no addresses of its own in the subnets. What is published on
    /// all of the host's addresses is not published on these, then.
    bool owns_subnets = false;
};

/// What leads to one container.
struct Published {
    std::vector<PublishedPorts> ports;  ///< with their targets: see aim()

    /// The host's end of the pair, if the network has no interface of its own; "": see
    /// NetworkRules.
    std::string interface;

    /// The container is on the host's own stack.
    bool is_on_host = false;
};

// Networks are apart, whatever is set above: what a container sends to one of another network of
// brig is dropped by the host, unless it goes to a published port. With `nat` off nothing else is
// refused: the host is a router then, and whoever knows the way reaches the containers.

/// Makes the rules of network `tag` those, whatever they were. Nothing happens if they are.
///
/// Linux: the interface has to exist. Its `route_localnet` is turned on, so that a container can be
/// reached through 127.0.0.1, and rules keep the network itself away from that.
///
/// FreeBSD: warns, when rules have changed, if pf is off or if the main ruleset lacks the lines
/// that lead to our anchors: they have no effect then. With `nat` and no interface for it, the
/// rules name the interfaces that have addresses now; check_network() tells when others do.
///
/// @throws Error{BRIG_INVALID} a name or an address that is none; BRIG_PERMISSION; BRIG_UNSUPPORTED
///         the kernel has no such firewall; BRIG_UNAVAILABLE it, or the program that changes it, is
///         not there now
void set_network(const sdk::Call& call, const std::string& tag, const NetworkRules& rules);

/// The same for the published ports of an attachment; none: as remove_rules().
///
/// They are reached from outside, from the host itself by any of its addresses, and from containers
/// by the host's address, also by those of the same network ("hairpin"), for which the network's
/// own rules have to be set. Limits: a port published on an interface is reached through that only,
/// not from the host itself unless it is the loopback interface; [::1] leads nowhere (Linux has no
/// route_localnet for IPv6, and FreeBSD forwards nothing that comes from ::1). Where bridges hand
/// their packets to nftables (Linux, module br_netfilter) a container reaches its own port only if
/// its port of the bridge has "hairpin" on.
void set_published(const sdk::Call& call, const std::string& tag, const Published& published);

/// Removes all rules of `tag`. None is fine, and so is a kernel without a firewall.
void remove_rules(const sdk::Call& call, const std::string& tag);

/// Are the rules of `tag` what set_network() would make of them? Read only.
[[nodiscard]] sdk::Condition check_network(const sdk::Call& call,
                                           const std::string& tag,
                                           const NetworkRules& rules);

/// The same for set_published(); without ports, absent is sound.
[[nodiscard]] sdk::Condition check_published(const sdk::Call& call,
                                             const std::string& tag,
                                             const Published& published);

/// The tags that begin with `prefix`, "brig:ENGINE:", each once. Read only. A kernel without a
/// firewall has none.
[[nodiscard]] std::vector<std::string> list_rules(const sdk::Call& call, std::string_view prefix);

/// Differs after a reboot, which rules do not survive.
[[nodiscard]] std::string boot_id();

}  // namespace brig::net
