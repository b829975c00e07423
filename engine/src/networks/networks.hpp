// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/network.hpp"
#include "context.hpp"

#include <string>
#include <vector>

/// Networks as users manage them.
namespace brig {

/// Checks a network and keeps it: its file is there when this returns. The engine's settings do not
/// know it yet.
[[nodiscard]] InstanceSettings create_network(Context& context, const NetworkSpec& spec);

/// Removes a created network and what is shared of it on the host.
void remove_network(Context& context, const std::string& name);

/// See Engine::prune_networks().
[[nodiscard]] std::vector<std::string> prune_networks(Context& context, bool dry_run);

/// The names of the containers on it: running, or kept and on it when they start.
[[nodiscard]] std::vector<std::string> users_of_network(Context& context, const std::string& name);

[[nodiscard]] NetworkState network_state(Context& context, const std::string& name);

/// What containers have of the network; of all of them if it is empty.
[[nodiscard]] std::vector<LeaseInfo> list_leases(Context& context, const std::string& network);

}  // namespace brig
