// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace BRIG_API brig {

/// A network to be made by `Engine::create_network`: kept with the state, beside those of the
/// configuration.
struct NetworkSpec {
    std::string name;
    std::string driver = "net-vnet";
    std::vector<std::string> options;  ///< "subnet=10.1.0.0/24", as in [network.NAME]
};

/// A value that a network gave a container: an address, for as long as the container exists.
struct LeaseInfo {
    std::string network;
    std::string container;       ///< id
    std::string container_name;  ///< the id where there is none
    std::string key;             ///< what it is, in the driver's words: "ip4"
    std::string value;
};

/// What was found out of a network.
enum class NetworkState {
    ready,   ///< as configured, or not needed by anybody yet
    absent,  ///< nothing of it is on the host; the first container makes it
    drifted  ///< not as it was set up; `brig recover` repairs it
};

[[nodiscard]] std::string_view to_string(NetworkState state) noexcept;

}  // namespace brig
