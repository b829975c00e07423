// SPDX-License-Identifier: BSD-2-Clause
#include "linux_links.hpp"
#include "linux_netlink.hpp"
#include "network_options.hpp"
#include "os.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace brig::net_loopback::os {

namespace {

using net::Link;
using net::LinkAddress;
using net::Message;
using net::Netlink;
using sdk::Error;

Interface interface_of(const Link& link) {
    return {link.name, link.alias, link.is_up};
}

bool is_kind_of_ours(const Link& link) {
    return link.name.starts_with(net::kHostStackPrefix)
           && (link.kind == "dummy" || link.kind == "bridge");
}

Message make_link(const std::string& name, const char* kind) {
    Message message{"make interface '" + name + "'", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL};
    message.body(ifinfomsg{});
    message.text(IFLA_IFNAME, name);
    message.nest(IFLA_LINKINFO, [&](Message& info) { info.text(IFLA_INFO_KIND, kind); });
    // Another container's start may have come first.
    return std::move(message.tolerate(EEXIST));
}

/// Both in one system call: an interface without a tag would be nobody's.
void make_and_tag(const Netlink& netlink,
                  const std::string& name,
                  const char* kind,
                  const std::string& tag) {
    std::vector<Message> batch;
    batch.push_back(make_link(name, kind));
    batch.push_back(std::move(net::set_alias(name, tag).tolerate(ENODEV)));
    netlink.perform(std::move(batch));
}

net::IpPrefix alone(const net::IpAddress& address) {
    return {address, address.bits()};
}

}  // namespace

std::optional<Interface> find_interface(const std::string& name) {
    const auto link = net::find_link(Netlink{}, name);
    return link ? std::optional{interface_of(*link)} : std::nullopt;
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
    std::vector<Interface> found;
    for (const Link& link : net::all_links(Netlink{})) {
        if (is_kind_of_ours(link) && link.alias.starts_with(prefix)) {
            found.push_back(interface_of(link));
        }
    }
    return found;
}

std::string make_interface(const std::string& key, const std::string& tag) {
    const Netlink netlink;
    std::string name = net::short_name(net::kHostStackPrefix, key);
    if (const auto present = net::find_link(netlink, name); present && present->alias != tag) {
        throw Error{
            BRIG_CONFLICT,
            "interface '" + name + "' is there already and does not belong to this network",
            "it is left alone; remove or rename it (its alias is '" + present->alias + "')"};
    }
    try {
        make_and_tag(netlink, name, "dummy", tag);
    } catch (const Error& error) {
        // A bridge without ports does as well, where the kernel was built without dummies.
        if (error.status() != BRIG_UNSUPPORTED) {
            throw;
        }
        make_and_tag(netlink, name, "bridge", tag);
    }
    // It has no use for an IPv6 address that the kernel makes up.
    if (const auto link = net::find_link(netlink, name)) {
        std::vector<Message> batch;
        batch.push_back(net::without_link_local(*link));
        netlink.perform(std::move(batch));
    }
    return name;
}

void bring_up(const std::string& name) {
    const Netlink netlink;
    const auto link = net::find_link(netlink, name);
    if (!link) {
        throw Error{BRIG_UNAVAILABLE, "there is no interface '" + name + "'"};
    }
    if (!link->is_up) {
        std::vector<Message> batch;
        batch.push_back(net::bring_up(*link));
        netlink.perform(std::move(batch));
    }
}

void remove_interface(const std::string& name) {
    const Netlink netlink;
    if (const auto link = net::find_link(netlink, name)) {
        std::vector<Message> batch;
        batch.push_back(net::remove_link(link->index, name));
        netlink.perform(std::move(batch));
    }
}

std::vector<HostAddress> all_addresses() {
    const Netlink netlink;
    const std::vector<Link> links = net::all_links(netlink);
    std::vector<HostAddress> found;
    for (const LinkAddress& address : net::all_addresses(netlink)) {
        const auto link = std::find_if(links.begin(), links.end(), [&](const Link& each) {
            return each.index == address.index;
        });
        if (link != links.end()) {
            found.push_back({link->name, address.prefix.address});
        }
    }
    return found;
}

void add_address(const HostAddress& address) {
    const Netlink netlink;
    const auto link = net::find_link(netlink, address.interface);
    if (!link) {
        throw Error{BRIG_UNAVAILABLE, "there is no interface '" + address.interface + "'"};
    }
    std::vector<Message> batch;
    batch.push_back(net::add_address(link->index, alone(address.address)));
    netlink.perform(std::move(batch));
}

void remove_address(const HostAddress& address) {
    const Netlink netlink;
    if (const auto link = net::find_link(netlink, address.interface)) {
        std::vector<Message> batch;
        batch.push_back(net::remove_address(link->index, alone(address.address)));
        netlink.perform(std::move(batch));
    }
}

}  // namespace brig::net_loopback::os
