// SPDX-License-Identifier: BSD-2-Clause
#include "networks/default_route.hpp"

#include "brig/driver.h"

#include <optional>

namespace brig {

namespace {

std::optional<std::size_t> best(const std::vector<RouteCandidate>& candidates,
                                const std::string& gateway) {
    std::optional<std::size_t> chosen;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const int priority = candidates[i].network->traits().priority;
        if (candidates[i].results->contains(gateway)
            && (!chosen || priority > candidates[*chosen].network->traits().priority)) {
            chosen = i;
        }
    }
    return chosen;
}

}  // namespace

std::vector<unsigned> default_routes(const std::vector<RouteCandidate>& candidates) {
    std::vector<unsigned> routes(candidates.size(), 0);
    if (const auto chosen = best(candidates, "gateway4")) {
        routes[*chosen] |= BRIG_F_ROUTE4;
    }
    if (const auto chosen = best(candidates, "gateway6")) {
        routes[*chosen] |= BRIG_F_ROUTE6;
    }
    return routes;
}

}  // namespace brig
