// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "attachment.hpp"
#include "firewall.hpp"
#include "publish.hpp"
#include "settings.hpp"

#include <string>

/// What the host's firewall does for the network and its containers.
namespace brig::net_vnet {

/// The rules of the network itself.
[[nodiscard]] net::NetworkRules rules_of(const sdk::Call& call, const Settings& settings);

/// Says what is not so because the host does not forward, if it does not.
void warn_without_forwarding(const sdk::Call& call,
                             const Settings& settings,
                             const std::string& what);

/// The published ports of an attachment.
[[nodiscard]] net::Published published_by(const sdk::Target& target,
                                          const os::Attachment& attachment);

}  // namespace brig::net_vnet
