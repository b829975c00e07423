// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "attachment.hpp"
#include "firewall.hpp"
#include "published_ports.hpp"
#include "settings.hpp"

#include <string>
#include <vector>

/// What the host's firewall does for the network and its containers.
namespace brig::net_vnet {

/// The rules of the network itself.
[[nodiscard]] net::NetworkRules rules_of(const sdk::Call& call, const Settings& settings);

/// Sees to it that they are there. They are looked for only when `anew`, or when they are others
/// than the last time: whatever takes them away behind our back is found by check_rules().
void ensure_rules(const sdk::Call& call,
                  const Settings& settings,
                  const std::string& tag,
                  bool anew);

void remove_network_rules(const sdk::Call& call, const std::string& tag);

/// Sound, too, where there never were any.
[[nodiscard]] sdk::Condition check_rules(const sdk::Call& call,
                                         const Settings& settings,
                                         const std::string& tag);

/// The container's published ports, with its addresses as their targets; and keeps them for it.
/// @throws Error{BRIG_CONFLICT} another container has one of them, or a program on the host
net::Published publish(const sdk::Call& call,
                       const Settings& settings,
                       const sdk::Target& target,
                       const os::Attachment& attachment);

/// The same without a look at whether they are free.
[[nodiscard]] net::Published published_by(const sdk::Target& target,
                                          const os::Attachment& attachment);

/// The tag of an attachment's rules: a container may publish on several networks.
[[nodiscard]] std::string rules_tag(const sdk::Target& target);

}  // namespace brig::net_vnet
