// SPDX-License-Identifier: BSD-2-Clause
#include "freebsd_interfaces.hpp"
#include "freebsd_jail.hpp"
#include "os.hpp"
#include "system.hpp"

#include <sys/sysctl.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace brig::net_vnet::os {

namespace {

using net::check;
using net::Interface;
using net::Port;
using sdk::Condition;
using sdk::Error;

bool has(const std::vector<IpPrefix>& all, const IpPrefix& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

bool has_all(const std::vector<IpPrefix>& all, const std::vector<IpPrefix>& some) {
    return std::all_of(
        some.begin(), some.end(), [&](const IpPrefix& each) { return has(all, each); });
}

/// The interface, if it is there; it must be ours then.
std::optional<Interface> find_ours(const std::string& name, const std::string& tag) {
    auto interface = net::find_interface(name);
    if (!interface) {
        return std::nullopt;
    }
    const std::string description = net::description_of(name);
    if (description != tag) {
        throw Error{
            BRIG_CONFLICT,
            "interface '" + name + "' is there already and does not belong to this network",
            "it is left alone; remove or rename it (its description is '" + description + "')"};
    }
    return interface;
}

/// Makes an interface with the tag. It gets its name last: what bears that name is complete.
/// False if another process was faster.
bool make_named(const std::string& made, const std::string& name, const std::string& tag) {
    try {
        net::describe_interface(made, tag);
        if (net::rename_interface(made, name)) {
            return true;
        }
    } catch (...) {
        net::destroy_interface(made);
        throw;
    }
    net::destroy_interface(made);
    return false;
}

// The bridge.

/// An address of the host within one of the networks would not be reached any more.
void require_unused(const Bridge& bridge, const Interface& interface, const IpPrefix& address) {
    for (const IpPrefix& wanted : bridge.addresses) {
        if (Subnet{address}.overlaps(Subnet{wanted})) {
            throw Error{BRIG_CONFLICT,
                        "subnet " + Subnet{wanted}.to_string() + " overlaps with "
                            + address.to_string() + " of the host's interface '" + interface.name
                            + "'",
                        "choose another subnet"};
        }
    }
}

void require_unused(const Bridge& bridge) {
    for (const Interface& interface : net::all_interfaces()) {
        if (interface.name == bridge.name) {
            continue;
        }
        for (const IpPrefix& address : interface.addresses) {
            require_unused(bridge, interface, address);
        }
    }
}

Interface make_ours(const Bridge& bridge) {
    require_unused(bridge);
    const std::string made = net::create_interface("bridge");
    // Its own address, not that of its first port: who has it in a table finds it there later.
    net::set_mac(made, net::mac_for(bridge.tag));
    static_cast<void>(make_named(made, bridge.name, bridge.tag));
    if (auto ours = find_ours(bridge.name, bridge.tag)) {
        return *std::move(ours);
    }
    throw Error{BRIG_UNAVAILABLE,
                "bridge '" + bridge.name + "' was removed while it was being set up"};
}

std::string list_of(const std::vector<IpPrefix>& prefixes) {
    std::string list;
    for (const IpPrefix& prefix : prefixes) {
        list += (list.empty() ? "" : ", ") + prefix.to_string();
    }
    return list.empty() ? "no address" : list;
}

bool is_as_wanted(const Interface& interface, const Bridge& wanted) {
    return (wanted.mtu == 0 || wanted.mtu == interface.mtu)
           && has_all(interface.addresses, wanted.addresses)
           && has_all(wanted.addresses, interface.addresses);
}

/// Addresses that were lost are put back at any time; others only while nobody relies on them.
void require_changeable(const Interface& interface, const Bridge& wanted) {
    if (!has_all(wanted.addresses, interface.addresses) && !net::ports_of(interface.name).empty()) {
        throw Error{BRIG_CONFLICT,
                    "the network is in use with " + list_of(interface.addresses)
                        + " on its bridge, and is configured with " + list_of(wanted.addresses),
                    "stop its containers first, or take the change back"};
    }
}

void change(const Interface& interface, const Bridge& wanted) {
    if (wanted.mtu != 0 && wanted.mtu != interface.mtu) {
        net::set_mtu(interface.name, wanted.mtu);
    }
    for (const IpPrefix& surplus : interface.addresses) {
        if (!has(wanted.addresses, surplus)) {
            net::remove_address(interface.name, surplus);
        }
    }
    for (const IpPrefix& missing : wanted.addresses) {
        if (!has(interface.addresses, missing) && !net::add_address(interface.name, missing)) {
            throw Error{BRIG_CONFLICT,
                        "address " + missing.to_string() + " is on another interface of the host",
                        "choose another subnet"};
        }
    }
}

// A jail's place.

std::optional<Interface> bridge_of(const Attachment& attachment) {
    if (attachment.mode != Mode::bridge) {
        return std::nullopt;
    }
    auto bridge = net::find_interface(attachment.bridge);
    if (!bridge) {
        throw Error{BRIG_UNAVAILABLE, "bridge '" + attachment.bridge + "' is gone"};
    }
    return bridge;
}

unsigned mtu_of(const Attachment& attachment, const std::optional<Interface>& bridge) {
    return attachment.mtu != 0 ? attachment.mtu : bridge ? bridge->mtu : 0;
}

/// The other end of a pair, by its link-layer address: names change.
std::optional<Interface> find_inner(const Attachment& attachment, const Jail& jail) {
    for (Interface& interface : net::interfaces_in_jail(jail.id)) {
        if (interface.mac == attachment.mac) {
            return std::move(interface);
        }
    }
    return std::nullopt;
}

/// Makes the pair, and returns the name of the end that is to be moved, "epair0b".
std::string make_pair(const Attachment& attachment, unsigned mtu) {
    const std::string outer = net::create_interface("epair");
    std::string inner = outer.substr(0, outer.size() - 1) + "b";
    if (!make_named(outer, attachment.host_end, attachment.tag)) {
        throw Error{BRIG_CONFLICT, "interface '" + attachment.host_end + "' is there already"};
    }
    net::set_mac(attachment.host_end, attachment.host_mac);
    net::set_mac(inner, attachment.mac);
    if (mtu != 0) {
        net::set_mtu(attachment.host_end, mtu);
        net::set_mtu(inner, mtu);
    }
    return inner;
}

void set_up_host_end(const Attachment& attachment) {
    if (attachment.mode == Mode::bridge) {
        net::set_port(attachment.bridge, {attachment.host_end, attachment.isolated});
    } else if (attachment.gateway6) {
        net::turn_on_ip6(attachment.host_end);
    }
    net::bring_up(attachment.host_end);
}

/// The host's side of a routed network: the gateway on each pair, and a route to each address. An
/// IPv6 address is on one interface only; containers use the one of the link.
void route_to_jail(const Attachment& attachment) {
    for (const auto& gateway : {attachment.gateway4, attachment.gateway6}) {
        if (gateway) {
            net::add_address(attachment.host_end, {*gateway, gateway->bits()});
        }
    }
    for (const IpPrefix& prefix : attachment.addresses) {
        net::add_host_route(attachment.host_end, prefix.address);
    }
}

/// What the interface is given inside.
std::vector<IpPrefix> inner_addresses(const Attachment& attachment) {
    std::vector<IpPrefix> prefixes = attachment.addresses;
    for (IpPrefix& prefix : prefixes) {
        if (attachment.mode == Mode::routed) {
            prefix.length = prefix.address.bits();
        }
    }
    return prefixes;
}

bool has_ip6(const Attachment& attachment) {
    return std::any_of(attachment.addresses.begin(),
                       attachment.addresses.end(),
                       [](const IpPrefix& prefix) { return prefix.address.is_ip6; });
}

/// The way to the rest of a routed network. Returns the gateway to it.
IpAddress add_routed(const IpPrefix& prefix, const Attachment& attachment, net::InnerPlan& plan) {
    const Subnet subnet{prefix};
    const bool is_ip6 = prefix.address.is_ip6;
    const IpAddress own = (is_ip6 ? attachment.gateway6 : attachment.gateway4).value();
    IpAddress gateway = own;
    plan.add_route({IpPrefix{own, own.bits()}, std::nullopt, is_ip6});
    if (is_ip6) {
        // Its questions are answered only if it is a neighbour, and it may not answer ours.
        plan.add_neighbour(own, attachment.host_mac);
        gateway = net::link_local_address(attachment.host_mac);
    }
    plan.add_route({IpPrefix{subnet.first(), subnet.length()}, gateway, is_ip6});
    return gateway;
}

void add_routes(const Attachment& attachment, net::InnerPlan& plan) {
    for (const IpPrefix& prefix : attachment.addresses) {
        const bool is_ip6 = prefix.address.is_ip6;
        auto gateway = is_ip6 ? attachment.gateway6 : attachment.gateway4;
        if (!gateway) {
            continue;
        }
        if (attachment.mode == Mode::routed) {
            gateway = add_routed(prefix, attachment, plan);
        }
        if (is_ip6 ? attachment.route6 : attachment.route4) {
            plan.add_route({std::nullopt, gateway, is_ip6});
        } else {
            plan.remove_route({std::nullopt, gateway, is_ip6});
        }
    }
}

/// Everything inside, once the interface has its name.
void configure(const Attachment& attachment, net::InnerPlan& plan) {
    plan.bring_up_loopback();
    if (has_ip6(attachment)) {
        plan.turn_on_ip6();
    }
    plan.bring_up();
    for (const IpPrefix& prefix : inner_addresses(attachment)) {
        plan.add_address(prefix);
    }
    add_routes(attachment, plan);
}

/// The pair anew, whatever an earlier attempt left.
std::string connect(const Attachment& attachment,
                    const std::optional<Interface>& bridge,
                    const Jail& jail) {
    net::destroy_interface(attachment.host_end);
    const std::string moved = make_pair(attachment, mtu_of(attachment, bridge));
    net::move_to_jail(moved, jail.id);
    net::InnerPlan plan{moved};
    if (attachment.inner.empty()) {
        plan.rename_to_free(attachment.last_inner);
    } else {
        plan.rename(attachment.inner);
    }
    configure(attachment, plan);
    return plan.perform(jail.id);
}

std::string reconfigure(const Attachment& attachment, const std::string& inner, const Jail& jail) {
    net::InnerPlan plan{inner};
    configure(attachment, plan);
    return plan.perform(jail.id);
}

const char* forwarding_name(bool is_ip6) {
    return is_ip6 ? "net.inet6.ip6.forwarding" : "net.inet.ip.forwarding";
}

void set_forwarding(bool is_ip6, int on) {
    const char* name = forwarding_name(is_ip6);
    check(::sysctlbyname(name, nullptr, nullptr, &on, sizeof on), "set sysctl '", name, "'");
}

}  // namespace

bool ensure_bridge(const Bridge& bridge) {
    auto interface = find_ours(bridge.name, bridge.tag);
    const bool made = !interface;
    if (!interface) {
        interface = make_ours(bridge);
    }
    const bool changes = !is_as_wanted(*interface, bridge);
    if (changes) {
        require_changeable(*interface, bridge);
        change(*interface, bridge);
    }
    const bool was_up = interface->is_up;
    if (!was_up) {
        net::bring_up(bridge.name);
    }
    return made || changes || !was_up;
}

void remove_bridge(const std::string& name, const std::string& tag) {
    if (!net::find_interface(name) || net::description_of(name) != tag) {
        return;
    }
    if (const std::vector<Port> ports = net::ports_of(name); !ports.empty()) {
        throw Error{BRIG_BUSY,
                    "bridge '" + name + "' has " + std::to_string(ports.size())
                        + " interfaces, as '" + ports.front().name + "'"};
    }
    net::destroy_interface(name);
}

Condition check_bridge(const Bridge& bridge) {
    const auto interface = net::find_interface(bridge.name);
    if (!interface) {
        return Condition::absent;
    }
    const bool sound = net::description_of(bridge.name) == bridge.tag && interface->is_up
                       && is_as_wanted(*interface, bridge);
    return sound ? Condition::sound : Condition::drifted;
}

void require_bridge(const std::string& name) {
    const auto interface = net::find_interface(name);
    if (!interface) {
        throw Error{BRIG_UNAVAILABLE,
                    "the host has no bridge '" + name + "'",
                    "make it, or leave 'bridge' out: then the network has one of its own"};
    }
    if (!interface->is_bridge) {
        throw Error{BRIG_INVALID, "interface '" + name + "' is no bridge"};
    }
}

void require_interface(const std::string& name) {
    if (!net::find_interface(name)) {
        throw Error{BRIG_UNAVAILABLE,
                    "the host has no interface '" + name + "'",
                    "if it exists, another container may have it"};
    }
}

std::vector<IpAddress> addresses_of(const std::string& interface) {
    std::vector<IpAddress> addresses;
    if (const auto found = net::find_interface(interface)) {
        for (const IpPrefix& prefix : found->addresses) {
            addresses.push_back(prefix.address);
        }
    }
    return addresses;
}

std::string attach(const Attachment& attachment, const Jail& jail) {
    if (attachment.mode == Mode::interface) {
        return reconfigure(attachment, attachment.interface, jail);
    }
    const auto bridge = bridge_of(attachment);
    const auto outer = find_ours(attachment.host_end, attachment.tag);
    const auto inner = outer ? find_inner(attachment, jail) : std::nullopt;
    std::string name =
        inner ? reconfigure(attachment, inner->name, jail) : connect(attachment, bridge, jail);
    set_up_host_end(attachment);
    if (attachment.mode == Mode::routed) {
        route_to_jail(attachment);
    }
    return name;
}

void detach(const std::string& host_end, const std::string& tag, bool /*surely*/) {
    // Both ends, wherever the other one is.
    if (net::find_interface(host_end) && net::description_of(host_end) == tag) {
        net::destroy_interface(host_end);
    }
}

Condition check_attachment(const Attachment& attachment, const std::optional<Jail>& jail) {
    if (attachment.mode == Mode::interface) {
        return Condition::sound;  // it is the engine that lends and returns it
    }
    const auto outer = net::find_interface(attachment.host_end);
    if (!outer) {
        return Condition::absent;
    }
    bool connected = attachment.mode == Mode::routed;
    if (!connected && net::find_interface(attachment.bridge)) {
        const std::vector<Port> ports = net::ports_of(attachment.bridge);
        connected = std::any_of(ports.begin(), ports.end(), [&](const Port& port) {
            return port.name == attachment.host_end && port.is_private == attachment.isolated;
        });
    }
    if (net::description_of(attachment.host_end) != attachment.tag || !outer->is_up || !connected) {
        return Condition::drifted;
    }
    if (!jail) {
        return Condition::sound;
    }
    const auto inner = find_inner(attachment, *jail);
    const bool sound =
        inner && inner->is_up && has_all(inner->addresses, inner_addresses(attachment));
    return sound ? Condition::sound : Condition::drifted;
}

std::vector<Tagged> tagged_interfaces(const std::string& prefix) {
    std::vector<Tagged> tagged;
    for (const Interface& interface : net::all_interfaces()) {
        std::string description = net::description_of(interface.name);
        if (description.compare(0, prefix.size(), prefix) == 0) {
            tagged.push_back({std::move(description), interface.name});
        }
    }
    return tagged;
}

bool forwards(bool is_ip6) {
    int on = 0;
    std::size_t size = sizeof on;
    return ::sysctlbyname(forwarding_name(is_ip6), &on, &size, nullptr, 0) == 0 && on != 0;
}

void turn_on_forwarding(bool is_ip6) {
    set_forwarding(is_ip6, 1);
}

void turn_off_forwarding(bool is_ip6) {
    set_forwarding(is_ip6, 0);
}

void require_ready(Mode /*mode*/) {
    int there = 0;
    std::size_t size = sizeof there;
    if (::sysctlbyname("kern.features.vimage", &there, &size, nullptr, 0) != 0 || there == 0) {
        throw Error{BRIG_UNSUPPORTED,
                    "this kernel has no network stacks for jails",
                    "it needs 'options VIMAGE', which GENERIC has"};
    }
}

}  // namespace brig::net_vnet::os
