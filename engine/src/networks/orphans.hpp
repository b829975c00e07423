// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "context.hpp"

namespace brig {

/// Looks for what bears a tag of this engine on the host and belongs to no container that runs and
/// to no network there is, and removes it: nothing of a network is anybody's only copy. Repairs
/// what networks share. Gives back leases of containers that are no more.
void recover_networks(Context& context, RecoveryReport& report);

}  // namespace brig
