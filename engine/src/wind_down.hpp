// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "hooks.hpp"

namespace brig {

/// Why a container comes to its end.
enum class StopReason {
    asked,          ///< `stop`: everything jail(8) does on `jail -r`
    forced,         ///< `stop --force`: the same, but a failing hook only warns
    command_ended,  ///< by itself: the user's own hooks run, brig's default exec.stop has no
                    ///< purpose
};

/// What comes before the jail is removed, in jail(8)'s order: exec.prestop, exec.stop.
/// @throws Error when a hook of the user's fails and `reason` is `asked`; brig's default only
/// warns.
void run_stop_hooks(Context& context,
                    const ParamList& params,
                    const Hooks& hooks,
                    StopReason reason);

/// run_stop_hooks, then SIGTERM to what is left in the jail and stop.timeout for it to end.
void wind_down(Context& context,
               const Jail& jail,
               const ParamList& params,
               const Hooks& hooks,
               StopReason reason);

/// SIGTERM to every process in the jail, and `timeout` for them to end. Zero: no waiting.
void terminate_processes(Context& context, const Jail& jail, std::chrono::seconds timeout);

}  // namespace brig
