// SPDX-License-Identifier: BSD-2-Clause
#include "rules.hpp"

#include "host_ports.hpp"

#include <algorithm>
#include <utility>

namespace brig::net_vnet {

namespace {

using sdk::Call;
using sdk::Condition;
using sdk::Error;
using sdk::Target;

/// In the instance's state: the rules that were set last, or kNoFirewall.
constexpr const char* kStateKey = "rules";
constexpr const char* kNoFirewall = "no firewall";

std::string fingerprint(const net::NetworkRules& rules) {
    std::string text = rules.interface + " " + rules.subnet4 + " " + rules.subnet6;
    for (const auto& [word, is_set] : {std::pair{" nat ", rules.nat},
                                       std::pair{" internal", rules.internal},
                                       std::pair{" isolate", rules.isolate}}) {
        text += is_set ? word : "";
    }
    return text + rules.nat_interface;
}

/// Whether the network is not what it says without a firewall.
bool needs_rules(const net::NetworkRules& rules) {
    return rules.nat || rules.internal || rules.isolate;
}

/// @param what is not so without it
void warn_without_forwarding(const Call& call, const Settings& settings, const std::string& what) {
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

/// The addresses that `port` is published on: one of the host's, one of its interfaces, or any.
std::string place_of(const net::PublishedPorts& ports) {
    if (!ports.host_interface.empty()) {
        return ports.host_interface;
    }
    const bool any =
        ports.host_address.empty() || ports.host_address == "0.0.0.0" || ports.host_address == "::";
    return any ? "*" : ports.host_address;
}

const char* name_of(net::Protocol protocol) {
    return protocol == net::Protocol::tcp ? "tcp" : "udp";
}

std::string scope_of(const net::PublishedPorts& ports, const std::string& place) {
    return std::string{"port/"} + name_of(ports.protocol) + "/" + place + " 1-65535";
}

void lease_port(const Call& call, const std::string& scope, const std::string& key, unsigned port) {
    try {
        static_cast<void>(call.lease(scope, key, std::to_string(port)));
    } catch (const Error& error) {
        if (error.status() != BRIG_CONFLICT) {
            throw;
        }
        throw Error{BRIG_CONFLICT,
                    "port " + std::to_string(port) + " of the host is published by another "
                        "container",
                    "brig network leases shows whose it is"};
    }
}

/// Keeps the ports for this container. One that is published on one address is in the way of who
/// wants it on all of them, and the other way round.
void claim(const Call& call, const net::PublishedPorts& ports) {
    const std::string place = place_of(ports);
    for (unsigned i = 0; i < ports.count; ++i) {
        const unsigned port = ports.host_first + i;
        const std::string key =
            std::string{name_of(ports.protocol)} + " " + place + " " + std::to_string(port);
        if (place != "*") {
            const std::string everywhere = scope_of(ports, "*");
            const std::string probe = "probe " + key;
            lease_port(call, everywhere, probe, port);
            call.unlease(everywhere, probe);
        }
        lease_port(call, scope_of(ports, place), key, port);
        require_unused_port({ports.protocol == net::Protocol::tcp, ports.host_address, port});
    }
}

std::vector<net::PublishedPorts> written_ports(const Target& target) {
    std::vector<net::PublishedPorts> ports;
    for (const std::string& text : target.options().list("publish")) {
        ports.push_back(net::parse_published_ports(text));
    }
    return ports;
}

std::string address_in(const os::Attachment& attachment, bool is_ip6) {
    for (const IpPrefix& prefix : attachment.addresses) {
        if (prefix.address.is_ip6 == is_ip6) {
            return prefix.address.to_string();
        }
    }
    return {};
}

}  // namespace

net::NetworkRules rules_of(const Call& call, const Settings& settings) {
    net::NetworkRules rules;
    rules.interface = settings.mode == Mode::bridge ? bridge_name(call, settings) : "";
    rules.subnet4 = settings.ip4 ? settings.ip4->subnet.to_string() : "";
    rules.subnet6 = settings.ip6 ? settings.ip6->subnet.to_string() : "";
    rules.nat = settings.nat.on;
    rules.nat_interface = settings.nat.interface;
    rules.internal = settings.internal;
    rules.isolate = settings.isolate;
    return rules;
}

void ensure_rules(const Call& call, const Settings& settings, const std::string& tag, bool anew) {
    const net::NetworkRules rules = rules_of(call, settings);
    const std::string wanted = fingerprint(rules);
    const auto last = call.state(kStateKey);
    if (!anew && last && (*last == wanted || (*last == kNoFirewall && !needs_rules(rules)))) {
        return;
    }
    if (rules.nat) {
        warn_without_forwarding(call, settings, "nothing leaves the network");
    }
    try {
        net::set_network(call, tag, rules);
        call.put_state(kStateKey, wanted);
    } catch (const Error& error) {
        const bool missing =
            error.status() == BRIG_UNSUPPORTED || error.status() == BRIG_UNAVAILABLE;
        if (!missing || needs_rules(rules)) {
            throw;
        }
        call.warn(std::string{"networks are not kept apart from each other here: "} + error.what());
        call.put_state(kStateKey, kNoFirewall);
    }
}

void remove_network_rules(const Call& call, const std::string& tag) {
    net::remove_rules(call, tag);
    call.forget_state(kStateKey);
}

Condition check_rules(const Call& call, const Settings& settings, const std::string& tag) {
    const auto last = call.state(kStateKey);
    if (!last || *last == kNoFirewall) {
        return Condition::sound;
    }
    return net::check_network(call, tag, rules_of(call, settings));
}

net::Published published_by(const Target& target, const os::Attachment& attachment) {
    return {net::aim(
                written_ports(target), address_in(attachment, false), address_in(attachment, true)),
            attachment.mode == Mode::routed ? attachment.host_end : ""};
}

net::Published publish(const Call& call,
                       const Settings& settings,
                       const Target& target,
                       const os::Attachment& attachment) {
    net::Published published = published_by(target, attachment);
    std::string words;
    for (const net::PublishedPorts& ports : written_ports(target)) {
        claim(call, ports);
        words += (words.empty() ? "" : " ") + net::to_string(ports);
    }
    if (!words.empty()) {
        call.result("published", words);
        if (!settings.forwarding && !target.dry_run()) {
            warn_without_forwarding(
                call, settings, "published ports are reached from the host alone");
        }
    }
    return published;
}

std::string rules_tag(const Target& target) {
    return target.owner_tag() + ":" + target.object();
}

}  // namespace brig::net_vnet
