// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "borrowed_io.hpp"
#include "brig/engine.hpp"
#include "launch.hpp"
#include "ledger/ledger.hpp"

#include <memory>

namespace brig {

/// A container that runs and that this process is responsible for. It keeps the ledger, and so the
/// lock, until `finish` has torn everything down.
struct Run {
    std::string id;
    bool ephemeral = false;
    ParamList params;
    Ledger ledger;
    Jail jail;
    std::unique_ptr<Process> process;  ///< the container's command
    UniqueFd terminal;                 ///< the master side, when one was asked for
    BorrowedIo io;                     ///< where hooks write
};

/// Starts a container: carries out `launch`, or undoes what was done and throws.
[[nodiscard]] Run start(Context& context, const Launch& launch, const SessionIo& io);

/// Starts a container once more in a run folder that its process has kept. `ledger`, without
/// effects, goes to the Run; when starting throws, what was done by then is in it.
[[nodiscard]] Run start_again(Context& context,
                              const Launch& launch,
                              const SessionIo& io,
                              Ledger& ledger);

/// The container's command has ended, or is to end now: runs the user's exec.prestop and exec.stop,
/// ends what is left in the jail, undoes everything, and records the exit status.
/// @throws Error when something could not be undone.
ExitStatus finish(Context& context, Run& run);

/// The same, but the run folder stays, with the run's ledger, spent: for the caller to renew or to
/// close.
ExitStatus end(Context& context, Run& run);

}  // namespace brig
