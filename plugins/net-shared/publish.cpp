// SPDX-License-Identifier: BSD-2-Clause
#include "publish.hpp"

#include "host_ports.hpp"
#include "network_options.hpp"
#include "system.hpp"

#include <utility>

namespace brig::net {

namespace {

using sdk::Call;
using sdk::Condition;
using sdk::Target;

/// In the instance's state: the rules that were set last, and in which boot; behind kNoFirewall, if
/// they could not be.
constexpr const char* kStateKey = "rules";
constexpr std::string_view kNoFirewall = "no firewall for ";

std::string fingerprint(const NetworkRules& rules) {
    std::string text = rules.interface + " " + rules.subnet4 + " " + rules.subnet6;
    for (const auto& [word, is_set] : {std::pair{" nat ", rules.nat},
                                       std::pair{" internal", rules.internal},
                                       std::pair{" isolate", rules.isolate},
                                       std::pair{" host", rules.is_on_host},
                                       std::pair{" own", rules.owns_subnets}}) {
        text += is_set ? word : "";
    }
    return text + rules.nat_interface + " boot " + boot_id();
}

/// Whether the network is not what it says without a firewall.
bool needs_rules(const NetworkRules& rules) {
    return rules.nat || rules.internal || rules.isolate;
}

/// The addresses that `port` is published on: one of the host's, one of its interfaces, or any.
std::string place_of(const PublishedPorts& ports) {
    if (!ports.host_interface.empty()) {
        return ports.host_interface;
    }
    const bool any =
        ports.host_address.empty() || ports.host_address == "0.0.0.0" || ports.host_address == "::";
    return any ? "*" : ports.host_address;
}

const char* name_of(Protocol protocol) {
    return protocol == Protocol::tcp ? "tcp" : "udp";
}

std::string scope_of(const PublishedPorts& ports, const std::string& place) {
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
void claim(const Call& call, const PublishedPorts& ports) {
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
        require_unused_port({ports.protocol == Protocol::tcp, ports.host_address, port});
    }
}

std::vector<PublishedPorts> written_ports(const Target& target) {
    std::vector<PublishedPorts> ports;
    for (const std::string& text : target.options().list("publish")) {
        ports.push_back(parse_published_ports(text));
    }
    return ports;
}

}  // namespace

std::vector<PublishedPorts> published_ports(const Target& target,
                                            const ContainerAddresses& addresses) {
    return aim(written_ports(target), addresses.ip4, addresses.ip6);
}

std::size_t claim_ports(const Call& call, const Target& target) {
    const std::vector<PublishedPorts> written = written_ports(target);
    std::string words;
    for (const PublishedPorts& ports : written) {
        claim(call, ports);
        words += (words.empty() ? "" : " ") + to_string(ports);
    }
    if (!words.empty()) {
        call.result("published", words);
    }
    return written.size();
}

std::string rules_tag(const Target& target) {
    return target.owner_tag() + ":" + target.object();
}

void report_rules(const Call& call) {
    for (const std::string& tag : list_rules(call, tag_prefix(call))) {
        call.item(tag, "rules of the firewall");
    }
}

bool ensure_network_rules(const Call& call,
                          const std::string& tag,
                          const NetworkRules& rules,
                          bool anew) {
    const std::string wanted = fingerprint(rules);
    const std::string unsettable = std::string{kNoFirewall} + wanted;
    const auto last = call.state(kStateKey);
    if (!anew && last && (*last == wanted || (*last == unsettable && !needs_rules(rules)))) {
        return false;
    }
    try {
        set_network(call, tag, rules);
        call.put_state(kStateKey, wanted);
    } catch (const Error& error) {
        const bool missing =
            error.status() == BRIG_UNSUPPORTED || error.status() == BRIG_UNAVAILABLE;
        if (!missing || needs_rules(rules)) {
            throw;
        }
        if (!rules.is_on_host) {
            call.warn(std::string{"networks are not kept apart from each other here: "}
                      + error.what());
        }
        call.put_state(kStateKey, unsettable);
    }
    return true;
}

void remove_network_rules(const Call& call, const std::string& tag) {
    remove_rules(call, tag);
    call.forget_state(kStateKey);
}

Condition check_network_rules(const Call& call, const std::string& tag, const NetworkRules& rules) {
    const auto last = call.state(kStateKey);
    const bool has_none = !last || last->rfind(kNoFirewall, 0) == 0;
    return has_none ? Condition::sound : check_network(call, tag, rules);
}

}  // namespace brig::net
