// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "os.hpp"
#include "settings.hpp"

#include <optional>
#include <string>

/// What one container has on the network: names and addresses.
namespace brig::net_vnet {

/// The name of the network's own bridge, if it has one or had.
[[nodiscard]] std::string own_bridge_name(const sdk::Call& call, const Settings& settings);

/// The name of the network's own bridge, or of the existing one that it uses.
[[nodiscard]] std::string bridge_name(const sdk::Call& call, const Settings& settings);

/// The bridge that the network owns.
[[nodiscard]] os::Bridge own_bridge(const sdk::Call& call,
                                    const Settings& settings,
                                    const std::string& tag);

/// The attachment of `target`, all but its addresses. The same at every call.
[[nodiscard]] os::Attachment attachment_of(const sdk::Call& call,
                                           const Settings& settings,
                                           const sdk::Target& target);

/// Takes addresses for it out of the network's pools, or those that it asked for. The same at every
/// call, as long as the container exists and they are not to be avoided.
/// @throws Error{BRIG_CONFLICT, BRIG_EXHAUSTED, BRIG_INVALID} that names the address or the subnet
[[nodiscard]] std::vector<IpAddress> lease_addresses(const sdk::Call& call,
                                                     const Settings& settings,
                                                     const sdk::Target& target,
                                                     const std::vector<IpAddress>& avoided);

/// Gives it addresses, and the gateways that go with them.
void set_addresses(const Settings& settings,
                   const std::vector<IpAddress>& addresses,
                   os::Attachment& attachment);

/// The addresses that prepare recorded.
void recall_addresses(const Settings& settings,
                      const sdk::Target& target,
                      os::Attachment& attachment);

/// Records what the engine and `check` know it by.
void record_results(const sdk::Call& call,
                    const Settings& settings,
                    const os::Attachment& attachment);

}  // namespace brig::net_vnet
