// SPDX-License-Identifier: BSD-2-Clause
#include "linux_links.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace brig::net {

namespace {

int protocol_family(bool is_ip6) {
    return is_ip6 ? AF_INET6 : AF_INET;
}

std::string text_of(nlattr* attribute) {
    return attribute == nullptr ? "" : ::nla_get_string(attribute);
}

void read_kind(nlattr* info, Link& link) {
    std::array<nlattr*, IFLA_INFO_MAX + 1> parts{};
    if (info == nullptr || ::nla_parse_nested(parts.data(), IFLA_INFO_MAX, info, nullptr) < 0) {
        return;
    }
    link.kind = text_of(parts[IFLA_INFO_KIND]);
    std::array<nlattr*, IFLA_BRPORT_MAX + 1> port{};
    if (text_of(parts[IFLA_INFO_SLAVE_KIND]) == "bridge" && parts[IFLA_INFO_SLAVE_DATA] != nullptr
        && ::nla_parse_nested(port.data(), IFLA_BRPORT_MAX, parts[IFLA_INFO_SLAVE_DATA], nullptr)
               >= 0) {
        link.is_isolated =
            port[IFLA_BRPORT_ISOLATED] != nullptr && ::nla_get_u8(port[IFLA_BRPORT_ISOLATED]) != 0;
    }
}

std::optional<Link> read_link(nlmsghdr* header) {
    std::array<nlattr*, IFLA_MAX + 1> found{};
    if (header->nlmsg_type != RTM_NEWLINK
        || ::nlmsg_parse(header, sizeof(ifinfomsg), found.data(), IFLA_MAX, nullptr) < 0) {
        return std::nullopt;
    }
    const auto& info = *static_cast<const ifinfomsg*>(::nlmsg_data(header));
    Link link;
    link.index = info.ifi_index;
    link.is_up = (info.ifi_flags & IFF_UP) != 0;
    link.name = text_of(found[IFLA_IFNAME]);
    link.alias = text_of(found[IFLA_IFALIAS]);
    link.mtu = found[IFLA_MTU] == nullptr ? 0 : ::nla_get_u32(found[IFLA_MTU]);
    link.master =
        found[IFLA_MASTER] == nullptr ? 0 : static_cast<int>(::nla_get_u32(found[IFLA_MASTER]));
    link.peer = found[IFLA_LINK] == nullptr ? 0 : static_cast<int>(::nla_get_u32(found[IFLA_LINK]));
    if (nlattr* mac = found[IFLA_ADDRESS];
        mac != nullptr && static_cast<std::size_t>(::nla_len(mac)) == link.mac.size()) {
        std::memcpy(link.mac.data(), ::nla_data(mac), link.mac.size());
    }
    read_kind(found[IFLA_LINKINFO], link);
    return link;
}

Message link_question(std::uint16_t flags) {
    Message question{"look at the interfaces", RTM_GETLINK, flags};
    question.body(ifinfomsg{});
    return question;
}

IpAddress address_of(nlattr* attribute, bool is_ip6) {
    IpAddress address;
    address.is_ip6 = is_ip6;
    if (attribute != nullptr && static_cast<std::size_t>(::nla_len(attribute)) == address.size()) {
        std::memcpy(address.bytes.data(), ::nla_data(attribute), address.size());
    }
    return address;
}

std::optional<LinkAddress> read_address(nlmsghdr* header) {
    std::array<nlattr*, IFA_MAX + 1> found{};
    if (header->nlmsg_type != RTM_NEWADDR
        || ::nlmsg_parse(header, sizeof(ifaddrmsg), found.data(), IFA_MAX, nullptr) < 0) {
        return std::nullopt;
    }
    const auto& info = *static_cast<const ifaddrmsg*>(::nlmsg_data(header));
    const bool is_ip6 = info.ifa_family == AF_INET6;
    if (is_ip6 && info.ifa_scope == RT_SCOPE_LINK) {
        return std::nullopt;
    }
    nlattr* own = found[IFA_LOCAL] != nullptr ? found[IFA_LOCAL] : found[IFA_ADDRESS];
    return LinkAddress{static_cast<int>(info.ifa_index),
                       {address_of(own, is_ip6), info.ifa_prefixlen}};
}

Message address_message(
    std::string doing, std::uint16_t type, std::uint16_t flags, int index, const IpPrefix& prefix) {
    ifaddrmsg body{};
    body.ifa_family = static_cast<unsigned char>(protocol_family(prefix.address.is_ip6));
    body.ifa_prefixlen = static_cast<unsigned char>(prefix.length);
    body.ifa_index = static_cast<unsigned>(index);
    body.ifa_flags = prefix.address.is_ip6 ? IFA_F_NODAD : 0;
    Message message{std::move(doing), type, flags};
    message.body(body);
    message.attribute(IFA_LOCAL, prefix.address.bytes.data(), prefix.address.size());
    message.attribute(IFA_ADDRESS, prefix.address.bytes.data(), prefix.address.size());
    const IpAddress last = Subnet{prefix}.last();
    if (!prefix.address.is_ip6 && prefix.length + 1 < prefix.address.bits()) {
        message.attribute(IFA_BROADCAST, last.bytes.data(), last.size());
    }
    return message;
}

rtmsg route_body(bool is_ip6, unsigned length) {
    rtmsg body{};
    body.rtm_family = static_cast<unsigned char>(protocol_family(is_ip6));
    body.rtm_dst_len = static_cast<unsigned char>(length);
    body.rtm_table = RT_TABLE_MAIN;
    body.rtm_protocol = RTPROT_STATIC;
    body.rtm_type = RTN_UNICAST;
    return body;
}

}  // namespace

std::optional<Link> find_link(const Netlink& netlink, const std::string& name) {
    std::optional<Link> found;
    if (name.empty() || name.size() >= IFNAMSIZ) {
        return found;
    }
    Message question = link_question(0);
    question.text(IFLA_IFNAME, name);
    netlink.ask(std::move(question), [&](nlmsghdr* header) { found = read_link(header); });
    return found;
}

std::vector<Link> all_links(const Netlink& netlink) {
    std::vector<Link> links;
    netlink.ask(link_question(NLM_F_DUMP), [&](nlmsghdr* header) {
        if (auto link = read_link(header)) {
            links.push_back(*std::move(link));
        }
    });
    return links;
}

std::vector<LinkAddress> all_addresses(const Netlink& netlink) {
    std::vector<LinkAddress> addresses;
    Message question{"look at the addresses of the interfaces", RTM_GETADDR, NLM_F_DUMP};
    question.body(ifaddrmsg{});
    netlink.ask(std::move(question), [&](nlmsghdr* header) {
        if (auto address = read_address(header)) {
            addresses.push_back(*address);
        }
    });
    return addresses;
}

Message change_link(std::string doing, int index) {
    ifinfomsg body{};
    body.ifi_index = index;
    Message message{std::move(doing), RTM_NEWLINK, 0};
    message.body(body);
    return message;
}

Message bring_up(const Link& link) {
    ifinfomsg body{};
    body.ifi_index = link.index;
    body.ifi_flags = IFF_UP;
    body.ifi_change = IFF_UP;
    Message message{"bring up interface '" + link.name + "'", RTM_NEWLINK, 0};
    message.body(body);
    return message;
}

Message without_link_local(const Link& link) {
    Message message = change_link("set up IPv6 on interface '" + link.name + "'", link.index);
    message.nest(IFLA_AF_SPEC, [](Message& families) {
        families.nest(AF_INET6, [](Message& inet6) {
            inet6.byte(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        });
    });
    // A kernel without IPv6 makes none either.
    return std::move(message.tolerate(EAFNOSUPPORT));
}

Message set_alias(const std::string& interface, const std::string& tag) {
    Message message{"tag interface '" + interface + "'", RTM_NEWLINK, 0};
    message.body(ifinfomsg{});
    message.text(IFLA_IFNAME, interface);
    message.attribute(IFLA_IFALIAS, tag.data(), tag.size());
    return message;
}

Message add_address(int index, const IpPrefix& prefix) {
    return std::move(address_message("add address " + prefix.to_string(),
                                     RTM_NEWADDR,
                                     NLM_F_CREATE | NLM_F_EXCL,
                                     index,
                                     prefix)
                         .tolerate(EEXIST));
}

Message remove_address(int index, const IpPrefix& prefix) {
    return std::move(
        address_message("remove address " + prefix.to_string(), RTM_DELADDR, 0, index, prefix)
            .tolerate(EADDRNOTAVAIL)
            .tolerate(ENODEV));
}

Message remove_link(int index, const std::string& name) {
    ifinfomsg body{};
    body.ifi_index = index;
    Message message{"remove interface '" + name + "'", RTM_DELLINK, 0};
    message.body(body);
    return std::move(message.tolerate(ENODEV));
}

Message add_route(int index,
                  const std::optional<IpPrefix>& to,
                  const std::optional<IpAddress>& gateway,
                  bool is_ip6) {
    rtmsg body = route_body(is_ip6, to ? to->length : 0);
    body.rtm_scope = gateway || is_ip6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    body.rtm_flags = gateway ? RTNH_F_ONLINK : 0;
    Message message{"add a route" + (gateway ? " through " + gateway->to_string() : std::string{}),
                    RTM_NEWROUTE,
                    NLM_F_CREATE | NLM_F_REPLACE};
    message.body(body);
    if (to) {
        message.attribute(RTA_DST, to->address.bytes.data(), to->address.size());
    }
    if (gateway) {
        message.attribute(RTA_GATEWAY, gateway->bytes.data(), gateway->size());
    }
    message.number(RTA_OIF, static_cast<std::uint32_t>(index));
    return message;
}

Message remove_default_route(int index, bool is_ip6) {
    rtmsg body = route_body(is_ip6, 0);
    body.rtm_protocol = RTPROT_UNSPEC;
    body.rtm_scope = RT_SCOPE_NOWHERE;
    Message message{"remove the default route", RTM_DELROUTE, 0};
    message.body(body);
    message.number(RTA_OIF, static_cast<std::uint32_t>(index));
    return std::move(message.tolerate(ESRCH));
}

bool has_default_route(const Netlink& netlink, int index, bool is_ip6) {
    bool found = false;
    Message question{"look at the routes", RTM_GETROUTE, NLM_F_DUMP};
    question.body(route_body(is_ip6, 0));
    netlink.ask(std::move(question), [&](nlmsghdr* header) {
        std::array<nlattr*, RTA_MAX + 1> parts{};
        if (header->nlmsg_type != RTM_NEWROUTE
            || ::nlmsg_parse(header, sizeof(rtmsg), parts.data(), RTA_MAX, nullptr) < 0) {
            return;
        }
        const auto& route = *static_cast<const rtmsg*>(::nlmsg_data(header));
        found = found
                || (route.rtm_dst_len == 0 && route.rtm_table == RT_TABLE_MAIN
                    && parts[RTA_OIF] != nullptr
                    && ::nla_get_u32(parts[RTA_OIF]) == static_cast<std::uint32_t>(index));
    });
    return found;
}

}  // namespace brig::net
