// SPDX-License-Identifier: BSD-2-Clause
#include "linux_links.hpp"
#include "linux_netlink.hpp"
#include "os.hpp"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace brig::net_vnet::os {

namespace {

using net::check;
using net::Link;
using net::LinkAddress;
using net::Message;
using net::Netlink;
using net::UniqueFd;
using sdk::Condition;
using sdk::Error;

std::vector<IpPrefix> addresses_on(const Netlink& netlink, int index) {
    std::vector<IpPrefix> found;
    for (const LinkAddress& address : net::all_addresses(netlink)) {
        if (address.index == index) {
            found.push_back(address.prefix);
        }
    }
    return found;
}

bool has(const std::vector<IpPrefix>& all, const IpPrefix& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

bool has_all(const std::vector<IpPrefix>& all, const std::vector<IpPrefix>& some) {
    return std::all_of(
        some.begin(), some.end(), [&](const IpPrefix& each) { return has(all, each); });
}

std::vector<Link> ports_of(const Netlink& netlink, const Link& bridge) {
    std::vector<Link> ports = net::all_links(netlink);
    std::erase_if(ports, [&](const Link& link) { return link.master != bridge.index; });
    return ports;
}

/// The interface, if it is there; it must be ours then.
std::optional<Link> find_ours(const Netlink& netlink,
                              const std::string& name,
                              const std::string& tag) {
    auto link = net::find_link(netlink, name);
    if (link && link->alias != tag) {
        throw Error{BRIG_CONFLICT,
                    "interface '" + name + "' is there already and does not belong to this network",
                    "it is left alone; remove or rename it (its alias is '" + link->alias + "')"};
    }
    return link;
}

/// "fe80::…", from the link-layer address (RFC 4291, appendix A).
IpPrefix link_local(const net::MacAddress& mac) {
    constexpr unsigned kLength = 64;
    return {{true,
             {0xfe,
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
              mac[5]}},
            kLength};
}

bool has_ip6(const std::vector<IpPrefix>& addresses) {
    return std::any_of(addresses.begin(), addresses.end(), [](const IpPrefix& prefix) {
        return prefix.address.is_ip6;
    });
}

/// Without an address for the link the host finds no neighbour there, and one that the kernel makes
/// is looked at for duplicates first, which takes a second.
void add_link_local(const Link& link, std::vector<Message>& batch) {
    batch.push_back(net::without_link_local(link));
    batch.push_back(net::add_address(link.index, link_local(link.mac)));
}

// The bridge.

/// An address of the host within one of the networks would not be reached any more.
void require_unused(const Netlink& netlink, const Bridge& bridge) {
    const std::vector<Link> links = net::all_links(netlink);
    for (const LinkAddress& address : net::all_addresses(netlink)) {
        const auto link = std::find_if(links.begin(), links.end(), [&](const Link& each) {
            return each.index == address.index && each.name != bridge.name;
        });
        const auto wanted = std::find_if(
            bridge.addresses.begin(), bridge.addresses.end(), [&](const IpPrefix& each) {
                return Subnet{each}.overlaps(Subnet{address.prefix});
            });
        if (link != links.end() && wanted != bridge.addresses.end()) {
            throw Error{BRIG_CONFLICT,
                        "subnet " + Subnet{*wanted}.to_string() + " overlaps with "
                            + address.prefix.to_string() + " of the host's interface '" + link->name
                            + "'",
                        "choose another subnet"};
        }
    }
}

/// "brig:ENGINE:", of a tag.
std::string engine_part(const std::string& tag) {
    return tag.substr(0, tag.find(':', tag.find(':') + 1) + 1);
}

Message make_bridge(const Bridge& bridge) {
    Message message{"make bridge '" + bridge.name + "'", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL};
    message.body(ifinfomsg{});
    message.text(IFLA_IFNAME, bridge.name);
    // Its own address, not that of its first port: who has it in a table finds it there later.
    const net::MacAddress mac = net::mac_for(bridge.tag);
    message.attribute(IFLA_ADDRESS, mac.data(), mac.size());
    if (bridge.mtu != 0) {
        message.number(IFLA_MTU, bridge.mtu);
    }
    message.nest(IFLA_LINKINFO, [](Message& info) { info.text(IFLA_INFO_KIND, "bridge"); });
    // Another container's start may have come first.
    return std::move(message.tolerate(EEXIST));
}

Link make_ours(const Netlink& netlink, const Bridge& bridge) {
    require_unused(netlink, bridge);
    std::vector<Message> batch;
    batch.push_back(make_bridge(bridge));
    batch.push_back(net::set_alias(bridge.name, bridge.tag));
    netlink.perform(std::move(batch));
    auto made = find_ours(netlink, bridge.name, bridge.tag);
    if (!made) {
        throw Error{BRIG_UNAVAILABLE,
                    "bridge '" + bridge.name + "' was removed while it was being set up"};
    }
    if (has_ip6(bridge.addresses)) {
        std::vector<Message> more;
        add_link_local(*made, more);
        netlink.perform(std::move(more));
    }
    return *std::move(made);
}

std::string list_of(const std::vector<IpPrefix>& prefixes) {
    std::string list;
    for (const IpPrefix& prefix : prefixes) {
        list += (list.empty() ? "" : ", ") + prefix.to_string();
    }
    return list.empty() ? "no address" : list;
}

/// What makes the bridge as it is wanted. Empty: it is.
std::vector<Message> differences(const Link& link,
                                 const std::vector<IpPrefix>& addresses,
                                 const Bridge& wanted) {
    std::vector<Message> changes;
    if (wanted.mtu != 0 && wanted.mtu != link.mtu) {
        changes.push_back(net::change_link("set the MTU of '" + link.name + "'", link.index));
        changes.back().number(IFLA_MTU, wanted.mtu);
    }
    for (const IpPrefix& surplus : addresses) {
        if (!has(wanted.addresses, surplus)) {
            changes.push_back(net::remove_address(link.index, surplus));
        }
    }
    for (const IpPrefix& missing : wanted.addresses) {
        if (!has(addresses, missing)) {
            changes.push_back(net::add_address(link.index, missing));
        }
    }
    return changes;
}

/// Addresses that were lost are put back at any time; others only while nobody relies on them.
void require_changeable(const Netlink& netlink,
                        const Link& link,
                        const std::vector<IpPrefix>& addresses,
                        const Bridge& wanted) {
    const bool only_lost = has_all(wanted.addresses, addresses);
    const std::vector<Link> ports = only_lost ? std::vector<Link>{} : ports_of(netlink, link);
    if (!ports.empty()) {
        throw Error{BRIG_CONFLICT,
                    "the network is in use with " + list_of(addresses)
                        + " on its bridge, and is configured with " + list_of(wanted.addresses),
                    "stop its containers first, or take the change back"};
    }
}

// A jail's place.

/// The end of the pair that is inside, and the way there.
struct Inside {
    Netlink netlink;
    std::optional<Link> link;
};

/// Is `inner`, in the jail's stack, the other end of `outer`, on the host?
bool is_pair(const Link& outer, const Link& inner) {
    return inner.kind == "veth" && inner.index == outer.peer && inner.peer == outer.index;
}

std::optional<Link> find_inner(const Netlink& inside, const Link& outer) {
    for (Link& link : net::all_links(inside)) {
        if (is_pair(outer, link)) {
            return std::move(link);
        }
    }
    return std::nullopt;
}

/// What the interface is to be called inside.
std::string inner_name(const Netlink& inside, const Attachment& attachment) {
    if (!attachment.inner.empty()) {
        return attachment.inner;
    }
    const std::vector<Link> links = net::all_links(inside);
    const auto is_free = [&](const std::string& name) {
        return std::none_of(
            links.begin(), links.end(), [&](const Link& link) { return link.name == name; });
    };
    if (!attachment.last_inner.empty() && is_free(attachment.last_inner)) {
        return attachment.last_inner;
    }
    for (unsigned number = 0;; ++number) {
        std::string name = "eth" + std::to_string(number);
        if (is_free(name)) {
            return name;
        }
    }
}

UniqueFd open_namespace(const Jail& jail) {
    return UniqueFd{check(::open(jail.netns.c_str(), O_RDONLY | O_CLOEXEC),
                          "open the network namespace of the jail, '",
                          jail.netns,
                          "'")};
}

Message make_pair(const Attachment& attachment,
                  const std::optional<Link>& bridge,
                  const std::string& inner,
                  int jail_namespace) {
    const unsigned mtu = attachment.mtu != 0 ? attachment.mtu : (bridge ? bridge->mtu : 0);
    Message message{"make the pair of interfaces '" + attachment.host_end + "' and, in the jail, '"
                        + inner + "'",
                    RTM_NEWLINK,
                    NLM_F_CREATE | NLM_F_EXCL};
    message.body(ifinfomsg{});
    message.text(IFLA_IFNAME, attachment.host_end);
    message.attribute(IFLA_ADDRESS, attachment.host_mac.data(), attachment.host_mac.size());
    if (mtu != 0) {
        message.number(IFLA_MTU, mtu);
    }
    if (bridge) {
        message.number(IFLA_MASTER, static_cast<std::uint32_t>(bridge->index));
    }
    const auto describe_inner_end = [&](Message& peer) {
        peer.nested_body(ifinfomsg{});
        peer.text(IFLA_IFNAME, inner);
        peer.attribute(IFLA_ADDRESS, attachment.mac.data(), attachment.mac.size());
        if (mtu != 0) {
            peer.number(IFLA_MTU, mtu);
        }
        peer.number(IFLA_NET_NS_FD, static_cast<std::uint32_t>(jail_namespace));
    };
    message.nest(IFLA_LINKINFO, [&](Message& info) {
        info.text(IFLA_INFO_KIND, "veth");
        info.nest(IFLA_INFO_DATA,
                  [&](Message& data) { data.nest(VETH_INFO_PEER, describe_inner_end); });
    });
    return message;
}

/// Everything about the host's end but its addresses: by name, since it may have been made in the
/// same batch.
Message set_up_host_end(const Attachment& attachment, const std::optional<Link>& bridge) {
    ifinfomsg body{};
    body.ifi_flags = IFF_UP;
    body.ifi_change = IFF_UP;
    Message message{"set up interface '" + attachment.host_end + "'", RTM_NEWLINK, 0};
    message.body(body);
    message.text(IFLA_IFNAME, attachment.host_end);
    message.attribute(IFLA_IFALIAS, attachment.tag.data(), attachment.tag.size());
    if (bridge) {
        message.number(IFLA_MASTER, static_cast<std::uint32_t>(bridge->index));
    }
    return message;
}

/// The port of a bridge has no use for an IPv6 address of its own.
Message without_ip6(const std::string& name) {
    Link link;
    link.name = name;
    Message message = net::without_link_local(link);
    message.text(IFLA_IFNAME, name);
    return message;
}

/// As a port of the bridge: alone, or not; and what leaves through it may have come in by it, as
/// what a container sends to a port of the host that leads back to itself.
Message set_up_port(const Attachment& attachment) {
    Message message{"set up the port of the bridge '" + attachment.host_end + "'", RTM_NEWLINK, 0};
    message.body(ifinfomsg{});
    message.text(IFLA_IFNAME, attachment.host_end);
    message.nest(IFLA_LINKINFO, [&](Message& info) {
        info.text(IFLA_INFO_SLAVE_KIND, "bridge");
        info.nest(IFLA_INFO_SLAVE_DATA, [&](Message& data) {
            data.byte(IFLA_BRPORT_ISOLATED, attachment.isolated ? 1 : 0);
            data.byte(IFLA_BRPORT_MODE, 1);
        });
    });
    return message;
}

std::optional<Link> bridge_of(const Netlink& netlink, const Attachment& attachment) {
    if (attachment.mode != Mode::bridge) {
        return std::nullopt;
    }
    auto bridge = net::find_link(netlink, attachment.bridge);
    if (!bridge) {
        throw Error{BRIG_UNAVAILABLE, "bridge '" + attachment.bridge + "' is gone"};
    }
    return bridge;
}

/// The host's side of a routed network: the gateway on each pair, and a route to each address.
void route_to_jail(const Netlink& netlink, const Attachment& attachment) {
    const Link end = net::find_link(netlink, attachment.host_end).value();
    std::vector<Message> batch;
    if (has_ip6(attachment.addresses)) {
        add_link_local(end, batch);
    }
    for (const auto& gateway : {attachment.gateway4, attachment.gateway6}) {
        if (gateway) {
            batch.push_back(net::add_address(end.index, {*gateway, gateway->bits()}));
        }
    }
    for (const IpPrefix& prefix : attachment.addresses) {
        batch.push_back(net::add_route(end.index,
                                       IpPrefix{prefix.address, prefix.address.bits()},
                                       std::nullopt,
                                       prefix.address.is_ip6));
    }
    netlink.perform(std::move(batch));
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

void add_routes(const Attachment& attachment, int index, std::vector<Message>& batch) {
    for (const IpPrefix& prefix : attachment.addresses) {
        const bool is_ip6 = prefix.address.is_ip6;
        const auto& gateway = is_ip6 ? attachment.gateway6 : attachment.gateway4;
        if (!gateway) {
            continue;
        }
        if (attachment.mode == Mode::routed) {
            const Subnet subnet{prefix};
            batch.push_back(
                net::add_route(index, IpPrefix{subnet.first(), subnet.length()}, gateway, is_ip6));
        }
        if (is_ip6 ? attachment.route6 : attachment.route4) {
            batch.push_back(net::add_route(index, std::nullopt, gateway, is_ip6));
        }
    }
}

void configure_inner(const Attachment& attachment, const Netlink& inside, const Link& link) {
    std::vector<Message> batch;
    // A network without addresses is for who configures himself: everything is as the kernel has
    // it. Otherwise nothing is waited for.
    const bool by_us = attachment.mode != Mode::interface && !attachment.addresses.empty();
    if (by_us && !has_ip6(attachment.addresses)) {
        batch.push_back(net::without_link_local(link));
    } else if (by_us) {
        add_link_local(link, batch);
    }
    batch.push_back(net::bring_up(link));
    for (const IpPrefix& prefix : inner_addresses(attachment)) {
        batch.push_back(net::add_address(link.index, prefix));
    }
    add_routes(attachment, link.index, batch);
    inside.perform(std::move(batch));
}

/// A default route that goes through another network from now on.
void leave_default_routes(const Attachment& attachment, const Netlink& inside, const Link& link) {
    std::vector<Message> batch;
    if (!attachment.route4) {
        batch.push_back(net::remove_default_route(link.index, false));
    }
    if (!attachment.route6) {
        batch.push_back(net::remove_default_route(link.index, true));
    }
    inside.perform(std::move(batch));
}

/// The pair that is there, if it is this jail's.
std::optional<Link> find_pair(const Netlink& outside,
                              const Netlink& inside,
                              const Attachment& attachment) {
    const auto outer = find_ours(outside, attachment.host_end, attachment.tag);
    return outer ? find_inner(inside, *outer) : std::nullopt;
}

Link make_connection(const Netlink& outside,
                     const Netlink& inside,
                     const Attachment& attachment,
                     int jail_namespace) {
    const auto bridge = bridge_of(outside, attachment);
    const std::string inner = inner_name(inside, attachment);
    std::vector<Message> batch;
    if (const auto left = find_ours(outside, attachment.host_end, attachment.tag)) {
        // Of the stack of an earlier jail, which the kernel has not come to yet.
        batch.push_back(net::remove_link(left->index, left->name));
    }
    batch.push_back(make_pair(attachment, bridge, inner, jail_namespace));
    batch.push_back(without_ip6(attachment.host_end));
    batch.push_back(set_up_host_end(attachment, bridge));
    if (bridge) {
        batch.push_back(set_up_port(attachment));
    }
    outside.perform(std::move(batch));
    auto made = net::find_link(inside, inner);
    if (!made) {
        throw Error{BRIG_INTERNAL, "interface '" + inner + "' is not in the jail"};
    }
    return *std::move(made);
}

void mend_host_end(const Netlink& outside, const Attachment& attachment) {
    const auto bridge = bridge_of(outside, attachment);
    std::vector<Message> batch;
    batch.push_back(set_up_host_end(attachment, bridge));
    if (bridge) {
        batch.push_back(set_up_port(attachment));
    }
    outside.perform(std::move(batch));
}

/// An interface of the host that has been moved in.
std::string configure_moved(const Attachment& attachment, const Netlink& inside) {
    const auto link = net::find_link(inside, attachment.interface);
    if (!link) {
        throw Error{BRIG_UNAVAILABLE,
                    "interface '" + attachment.interface + "' is not in the jail"};
    }
    configure_inner(attachment, inside, *link);
    return link->name;
}

std::string forwarding_file(bool is_ip6) {
    return is_ip6 ? "/proc/sys/net/ipv6/conf/all/forwarding" : "/proc/sys/net/ipv4/ip_forward";
}

void write_forwarding(bool is_ip6, char digit) {
    const std::string path = forwarding_file(is_ip6);
    const UniqueFd file{check(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open '", path, "'")};
    check(::write(file.get(), &digit, 1), "write '", path, "'");
}

}  // namespace

bool ensure_bridge(const Bridge& bridge) {
    const Netlink netlink;
    auto link = find_ours(netlink, bridge.name, bridge.tag);
    const bool made = !link;
    if (made) {
        link = make_ours(netlink, bridge);
    }
    const std::vector<IpPrefix> addresses = addresses_on(netlink, link->index);
    std::vector<Message> changes = differences(*link, addresses, bridge);
    if (!changes.empty()) {
        require_changeable(netlink, *link, addresses, bridge);
    }
    if (!link->is_up) {
        changes.push_back(net::bring_up(*link));
    }
    const bool changed = !changes.empty();
    netlink.perform(std::move(changes));
    return made || changed;
}

void remove_bridge(const std::string& name, const std::string& tag) {
    const Netlink netlink;
    const auto link = net::find_link(netlink, name);
    if (!link || link->alias != tag) {
        return;
    }
    std::vector<Message> batch;
    for (const Link& port : ports_of(netlink, *link)) {
        if (!port.alias.starts_with(engine_part(tag))) {
            throw Error{BRIG_BUSY,
                        "interface '" + port.name + "', which is not brig's, is a port of bridge '"
                            + name + "'"};
        }
        // Of a jail that has ended; the kernel has not come to it yet.
        batch.push_back(net::remove_link(port.index, port.name));
    }
    batch.push_back(net::remove_link(link->index, name));
    netlink.perform(std::move(batch));
}

Condition check_bridge(const Bridge& bridge) {
    const Netlink netlink;
    const auto link = net::find_link(netlink, bridge.name);
    if (!link) {
        return Condition::absent;
    }
    const bool sound = link->alias == bridge.tag && link->is_up
                       && differences(*link, addresses_on(netlink, link->index), bridge).empty();
    return sound ? Condition::sound : Condition::drifted;
}

void require_bridge(const std::string& name) {
    const auto link = net::find_link(Netlink{}, name);
    if (!link) {
        throw Error{BRIG_UNAVAILABLE,
                    "the host has no bridge '" + name + "'",
                    "make it, or leave 'bridge' out: then the network has one of its own"};
    }
    if (link->kind != "bridge") {
        throw Error{BRIG_INVALID, "interface '" + name + "' is no bridge"};
    }
}

void require_interface(const std::string& name) {
    if (!net::find_link(Netlink{}, name)) {
        throw Error{BRIG_UNAVAILABLE,
                    "the host has no interface '" + name + "'",
                    "if it exists, another container may have it"};
    }
}

std::vector<IpAddress> addresses_of(const std::string& interface) {
    const Netlink netlink;
    std::vector<IpAddress> addresses;
    if (const auto link = net::find_link(netlink, interface)) {
        for (const IpPrefix& prefix : addresses_on(netlink, link->index)) {
            addresses.push_back(prefix.address);
        }
    }
    return addresses;
}

std::string attach(const Attachment& attachment, const Jail& jail) {
    const UniqueFd jail_namespace = open_namespace(jail);
    const Netlink inside{jail_namespace.get()};
    if (attachment.mode == Mode::interface) {
        return configure_moved(attachment, inside);
    }
    const Netlink outside;
    auto inner = find_pair(outside, inside, attachment);
    if (inner) {
        mend_host_end(outside, attachment);
        leave_default_routes(attachment, inside, *inner);
    } else {
        inner = make_connection(outside, inside, attachment, jail_namespace.get());
    }
    if (attachment.mode == Mode::routed) {
        route_to_jail(outside, attachment);
    }
    configure_inner(attachment, inside, *inner);
    return inner->name;
}

void detach(const std::string& host_end, const std::string& tag, bool surely) {
    if (!surely) {
        // The pair goes with the jail's stack. To remove it here as well would take ten times as
        // long as all else, for a grace period of the kernel's; its name is nobody else's.
        return;
    }
    const Netlink netlink;
    const auto link = net::find_link(netlink, host_end);
    if (link && link->alias == tag) {
        std::vector<Message> batch;
        batch.push_back(net::remove_link(link->index, host_end));
        netlink.perform(std::move(batch));
    }
}

Condition check_attachment(const Attachment& attachment, const std::optional<Jail>& jail) {
    const Netlink outside;
    if (attachment.mode == Mode::interface) {
        return Condition::sound;  // it is the engine that lends and returns it
    }
    const auto outer = net::find_link(outside, attachment.host_end);
    if (!outer) {
        return Condition::absent;
    }
    const auto bridge = net::find_link(outside, attachment.bridge);
    const bool connected =
        attachment.mode == Mode::routed
        || (bridge && outer->master == bridge->index && outer->is_isolated == attachment.isolated);
    if (outer->alias != attachment.tag || !outer->is_up || !connected) {
        return Condition::drifted;
    }
    if (!jail) {
        return Condition::sound;
    }
    const Netlink inside{jail->netns};
    const auto inner = find_inner(inside, *outer);
    const bool sound = inner && inner->is_up
                       && has_all(addresses_on(inside, inner->index), inner_addresses(attachment));
    return sound ? Condition::sound : Condition::drifted;
}

std::vector<Tagged> tagged_interfaces(const std::string& prefix) {
    std::vector<Tagged> tagged;
    for (const Link& link : net::all_links(Netlink{})) {
        if (link.alias.starts_with(prefix)) {
            tagged.push_back({link.alias, link.name});
        }
    }
    return tagged;
}

bool forwards(bool is_ip6) {
    const UniqueFd file{::open(forwarding_file(is_ip6).c_str(), O_RDONLY | O_CLOEXEC)};
    char digit = '0';
    return file && ::read(file.get(), &digit, 1) == 1 && digit != '0';
}

void turn_on_forwarding(bool is_ip6) {
    write_forwarding(is_ip6, '1');
}

void turn_off_forwarding(bool is_ip6) {
    write_forwarding(is_ip6, '0');
}

void require_ready(Mode /*mode*/) {
    static_cast<void>(Netlink{});
}

}  // namespace brig::net_vnet::os
