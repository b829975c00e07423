// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/network.hpp"

#include <vector>

namespace brig {

/// One of a container's attachments: its network, and what the driver recorded.
struct RouteCandidate {
    const Network* network = nullptr;
    const ResultMap* results = nullptr;
};

/// Which of a container's attachments have its default routes: for each BRIG_F_ROUTE4,
/// BRIG_F_ROUTE6, both or none. Of those with a gateway it is the one whose network has the highest
/// priority, and of several the first.
[[nodiscard]] std::vector<unsigned> default_routes(const std::vector<RouteCandidate>& candidates);

}  // namespace brig
