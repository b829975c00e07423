// SPDX-License-Identifier: BSD-2-Clause
#include "attachment.hpp"

#include <algorithm>
#include <utility>

namespace brig::net_vnet {

namespace {

using sdk::Call;
using sdk::Error;
using sdk::Target;

/// What the pool does not know.
void require_possible(const Settings& settings,
                      const std::optional<Family>& family,
                      const net::LeaseRequest& request) {
    const std::string option = "'" + request.option + "': ";
    if (!family && !request.wanted.empty()) {
        throw Error{BRIG_INVALID,
                    option + "network '" + settings.name + "' has no '"
                        + (request.option == "ip6" ? "subnet6'" : "subnet'")};
    }
    if (family && family->gateway && net::parse_ip(request.wanted) == family->gateway) {
        throw Error{BRIG_INVALID, option + request.wanted + " is the gateway's"};
    }
}

void require_free_on_host(const std::string& interface, const IpAddress& address) {
    const std::vector<IpAddress> taken = os::addresses_of(interface);
    if (std::find(taken.begin(), taken.end(), address) != taken.end()) {
        throw Error{BRIG_CONFLICT,
                    "address " + address.to_string() + " is the host's own, on '" + interface + "'",
                    "put it in 'exclude', or choose another with 'range'"};
    }
}

}  // namespace

std::string own_bridge_name(const Call& call, const Settings& settings) {
    return net::short_name("brig", net::network_key(call, settings.name));
}

std::string bridge_name(const Call& call, const Settings& settings) {
    return settings.owns_bridge() ? own_bridge_name(call, settings) : settings.bridge;
}

os::Bridge own_bridge(const Call& call, const Settings& settings, const std::string& tag) {
    os::Bridge bridge{bridge_name(call, settings), tag, {}, settings.mtu};
    for (const bool is_ip6 : {false, true}) {
        const auto& family = settings.family(is_ip6);
        if (family && family->gateway) {
            bridge.addresses.push_back({*family->gateway, family->pool.subnet.length()});
        }
    }
    return bridge;
}

os::Attachment attachment_of(const Call& call, const Settings& settings, const Target& target) {
    os::Attachment attachment;
    attachment.mode = settings.mode;
    attachment.tag = target.owner_tag();
    attachment.mtu = settings.mtu;
    attachment.isolated = settings.isolate;
    attachment.interface = settings.interface;
    if (settings.mode != Mode::interface) {
        attachment.host_end = call.name("v", kLongestInterface);
    }
    if (settings.mode == Mode::bridge) {
        attachment.bridge = bridge_name(call, settings);
    }
    const sdk::Options options = target.options();
    attachment.inner = options.text("ifname");
    if (!attachment.inner.empty()) {
        net::require_interface_name("ifname", attachment.inner);
    }
    const std::string key =
        net::network_key(call, settings.name) + "/" + target.container() + "/" + target.object();
    attachment.mac = net::parse_mac(options.text("mac")).value_or(net::mac_for(key + "/inside"));
    attachment.host_mac = net::mac_for(key + "/host");
    return attachment;
}

std::vector<IpAddress> lease_addresses(const Call& call,
                                       const Settings& settings,
                                       const Target& target,
                                       const std::vector<IpAddress>& avoided) {
    std::vector<IpAddress> addresses;
    for (const bool is_ip6 : {false, true}) {
        const std::string option = is_ip6 ? "ip6" : "ip";
        const net::LeaseRequest request{
            settings.name, option, target.options().text(option), avoided};
        const auto& family = settings.family(is_ip6);
        require_possible(settings, family, request);
        if (!family) {
            continue;
        }
        addresses.push_back(net::lease_address(call, family->pool, request));
        if (settings.mode == Mode::bridge && !settings.owns_bridge()) {
            require_free_on_host(settings.bridge, addresses.back());
        }
    }
    return addresses;
}

void set_addresses(const Settings& settings,
                   const std::vector<IpAddress>& addresses,
                   os::Attachment& attachment) {
    for (const IpAddress& address : addresses) {
        if (const auto& family = settings.family(address.is_ip6)) {
            attachment.addresses.push_back({address, family->pool.subnet.length()});
            (address.is_ip6 ? attachment.gateway6 : attachment.gateway4) = family->gateway;
        }
    }
}

void recall_addresses(const Settings& settings, const Target& target, os::Attachment& attachment) {
    std::vector<IpAddress> addresses;
    for (const char* key : {"ip4", "ip6"}) {
        if (const auto address = net::parse_ip(target.prior().text(key))) {
            addresses.push_back(*address);
        }
    }
    set_addresses(settings, addresses, attachment);
}

void record_results(const Call& call, const Settings& settings, const os::Attachment& attachment) {
    for (const IpPrefix& prefix : attachment.addresses) {
        call.result(prefix.address.is_ip6 ? "ip6" : "ip4", prefix.address.to_string());
    }
    if (attachment.gateway4) {
        call.result("gateway4", attachment.gateway4->to_string());
    }
    if (attachment.gateway6) {
        call.result("gateway6", attachment.gateway6->to_string());
    }
    if (settings.mode != Mode::interface) {
        call.result("mac", net::to_string(attachment.mac));
        call.result("host_interface", attachment.host_end);
    }
}

}  // namespace brig::net_vnet
