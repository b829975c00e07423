// SPDX-License-Identifier: BSD-2-Clause
#include "rules.hpp"

namespace brig::net_vnet {

namespace {

std::string address_in(const os::Attachment& attachment, bool is_ip6) {
    for (const IpPrefix& prefix : attachment.addresses) {
        if (prefix.address.is_ip6 == is_ip6) {
            return prefix.address.to_string();
        }
    }
    return {};
}

}  // namespace

net::NetworkRules rules_of(const sdk::Call& call, const Settings& settings) {
    net::NetworkRules rules;
    rules.interface = settings.mode == Mode::bridge ? bridge_name(call, settings) : "";
    rules.subnet4 = settings.ip4 ? settings.ip4->pool.subnet.to_string() : "";
    rules.subnet6 = settings.ip6 ? settings.ip6->pool.subnet.to_string() : "";
    rules.nat = settings.nat.on;
    rules.nat_interface = settings.nat.interface;
    rules.internal = settings.internal;
    rules.isolate = settings.isolate;
    return rules;
}

void warn_without_forwarding(const sdk::Call& call,
                             const Settings& settings,
                             const std::string& what) {
    std::string protocols;
    for (const bool is_ip6 : {false, true}) {
        if (settings.family(is_ip6) && !os::forwards(is_ip6)) {
            protocols += (protocols.empty() ? "" : " and ") + std::string{is_ip6 ? "IPv6" : "IPv4"};
        }
    }
    if (!protocols.empty()) {
        call.warn("the host does not forward " + protocols + ", so that " + what
                  + "; set forwarding = true, and brig turns it on");
    }
}

net::Published published_by(const sdk::Target& target, const os::Attachment& attachment) {
    return {
        net::published_ports(target, {address_in(attachment, false), address_in(attachment, true)}),
        attachment.mode == Mode::routed ? attachment.host_end : ""};
}

}  // namespace brig::net_vnet
