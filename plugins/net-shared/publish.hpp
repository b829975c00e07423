// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "firewall.hpp"

#include <string>

/// The per-container option `publish`: ports of the host that lead to a container.
namespace brig::net {

/// A container's addresses; "": it has none of that family.
struct ContainerAddresses {
    std::string ip4;
    std::string ip6;
};

/// The ports that `target` asks for, with its addresses as their targets.
/// @throws Error{BRIG_INVALID} that names the text which is wrong
[[nodiscard]] std::vector<PublishedPorts> published_ports(const sdk::Target& target,
                                                          const ContainerAddresses& addresses);

/// The same, and keeps these ports for the container: no other one gets them as long as it exists.
/// Records them as result "published". Returns how many texts there were.
/// @throws Error{BRIG_CONFLICT} another container has one of them, or a program on the host
std::size_t claim_ports(const sdk::Call& call, const sdk::Target& target);

/// The tag of an attachment's rules: a container may publish on several networks.
[[nodiscard]] std::string rules_tag(const sdk::Target& target);

/// In `list`: all rules of this engine, whichever network they are of.
void report_rules(const sdk::Call& call);

// The rules of a network, and what is known of them. They are looked for only when `anew`, or when
// they are to be others than the last time: whatever takes them away behind our back is found by
// check_network_rules().

/// Sees to it that they are there. Returns whether they had to be looked for. Where there is no
/// firewall, a network that needs none does without, and says so once.
bool ensure_network_rules(const sdk::Call& call,
                          const std::string& tag,
                          const NetworkRules& rules,
                          bool anew);

void remove_network_rules(const sdk::Call& call, const std::string& tag);

/// Sound, too, where there never were any.
[[nodiscard]] sdk::Condition check_network_rules(const sdk::Call& call,
                                                 const std::string& tag,
                                                 const NetworkRules& rules);

}  // namespace brig::net
