// SPDX-License-Identifier: BSD-2-Clause
#include "alias.hpp"

#include <algorithm>
#include <sstream>

namespace brig::net_loopback {

namespace {

using sdk::Call;
using sdk::Condition;
using sdk::Error;
using sdk::Target;

std::string note_of(const Target& target) {
    return "alias/" + target.container() + "/" + target.object();
}

std::optional<Alias> noted(const Call& call, const Target& target) {
    const auto text = call.state(note_of(target));
    return text ? parse_alias(*text) : std::nullopt;
}

bool has(const std::vector<net::IpAddress>& all, const net::IpAddress& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// The container's, from an earlier attempt, is no obstacle; nor is what was forgotten on an
/// interface of our own.
void require_free(const Alias& alias, const std::optional<Alias>& before, bool is_own) {
    for (const os::HostAddress& taken : os::all_addresses()) {
        const bool is_ours = taken.interface == alias.interface
                             && (is_own
                                 || (before && before->interface == taken.interface
                                     && has(before->addresses, taken.address)));
        if (!is_ours && has(alias.addresses, taken.address)) {
            throw Error{BRIG_CONFLICT,
                        "address " + taken.address.to_string() + " is the host's own, on '"
                            + taken.interface + "'",
                        "put it in 'exclude', or choose another with 'range'"};
        }
    }
}

void take_away(const Alias& alias) {
    for (const net::IpAddress& address : alias.addresses) {
        os::remove_address({alias.interface, address});
    }
}

}  // namespace

std::string format_alias(const Alias& alias) {
    std::string text = alias.interface;
    for (const net::IpAddress& address : alias.addresses) {
        text += " " + address.to_string();
    }
    return text;
}

std::optional<Alias> parse_alias(const std::string& text) {
    Alias alias;
    std::istringstream words{text};
    words >> alias.interface;
    for (std::string word; words >> word;) {
        const auto address = net::parse_ip(word);
        if (!address) {
            return std::nullopt;
        }
        alias.addresses.push_back(*address);
    }
    return alias.interface.empty() ? std::nullopt : std::optional{alias};
}

void make_alias(const Call& call, const Target& target, const Alias& alias, bool is_own) {
    const std::optional<Alias> before = noted(call, target);
    require_free(alias, before, is_own);
    if (before && before != alias) {
        take_away(*before);
    }
    if (before != alias) {
        call.put_state(note_of(target), format_alias(alias));
    }
    for (const net::IpAddress& address : alias.addresses) {
        os::add_address({alias.interface, address});
    }
}

void remove_alias(const Call& call, const Target& target) {
    if (const std::optional<Alias> alias = noted(call, target)) {
        take_away(*alias);
        call.forget_state(note_of(target));
    }
}

Condition check_alias(const Call& call, const Target& target) {
    const std::optional<Alias> alias = noted(call, target);
    if (!alias) {
        return Condition::absent;
    }
    const auto interface = os::find_interface(alias->interface);
    const std::vector<os::HostAddress> present = os::all_addresses();
    const bool is_sound =
        interface && interface->is_up
        && std::all_of(alias->addresses.begin(), alias->addresses.end(), [&](const auto& each) {
               return std::find(
                          present.begin(), present.end(), os::HostAddress{alias->interface, each})
                      != present.end();
           });
    return is_sound ? Condition::sound : Condition::drifted;
}

}  // namespace brig::net_loopback
