// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "support/unique_resource.hpp"

namespace brig {

/// What is done to networks.
enum class NetworkUse {
    attach,  ///< containers come; any number at once
    remove,  ///< networks go, which must not be in the middle of the former
};

/// The lock for it, held until the descriptor is closed.
[[nodiscard]] UniqueFd lock_networks(const Context& context, NetworkUse use);

}  // namespace brig
