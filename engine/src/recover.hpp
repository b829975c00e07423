// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "context.hpp"

#include <cstddef>
#include <string>

namespace brig {

/// Tears down what a dead owner left of one container or image. False when there is nothing to do:
/// it is gone, or its owner lives. Never throws for what could not be undone; it says so in the log
/// and leaves it in the ledger.
bool recover_container(Context& context, const std::string& id);

/// The same for every abandoned folder of the run directory, but for at most `most` folders; part
/// of every command, so cheap when there is nothing to do.
void recover_abandoned(Context& context, std::size_t most);

/// `brig recover`: everything abandoned, and what bears our tag on a storage and belongs to nothing
/// any more. Of the latter, roots of ephemeral containers (after a reboot) and volumes that never
/// got past provision go; everything else may be somebody's data whose record was lost, and is
/// named. With `options.remove_unknown` that goes, too, but for data volumes.
RecoveryReport recover(Context& context, const RecoverOptions& options = {});

}  // namespace brig
