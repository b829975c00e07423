// SPDX-License-Identifier: BSD-2-Clause
#include "wind_down.hpp"

#include "param_values.hpp"
#include "process/wait.hpp"

#include <csignal>

namespace brig {

namespace {

bool is_default(const ParamList& params, std::string_view name) {
    const Param* param = find_param(params, name);
    return param != nullptr && param->origin.kind == Origin::Kind::engine_default;
}

void run_stop_hook(Context& context, const Hooks& hooks, const char* param, bool must_succeed) {
    try {
        hooks.run(param);
    } catch (const Error& failure) {
        if (must_succeed) {
            throw;
        }
        context.log.warn("{}", full_message(failure));
    }
}

}  // namespace

void run_stop_hooks(Context& context,
                    const ParamList& params,
                    const Hooks& hooks,
                    StopReason reason) {
    for (const char* param : {"exec.prestop", "exec.stop"}) {
        const bool by_default = is_default(params, param);
        if (!by_default || reason != StopReason::command_ended) {
            run_stop_hook(context, hooks, param, reason == StopReason::asked && !by_default);
        }
    }
}

void wind_down(Context& context,
               const Jail& jail,
               const ParamList& params,
               const Hooks& hooks,
               StopReason reason) {
    run_stop_hooks(context, params, hooks, reason);
    terminate_processes(
        context, jail, param_seconds(params, "stop.timeout", std::chrono::seconds{10}));
}

void terminate_processes(Context& context, const Jail& jail, std::chrono::seconds timeout) {
    // jail(8), stop.timeout: "If this is set to zero, no SIGTERM is sent".
    if (timeout.count() == 0 || !context.host.signal_jail(jail, SIGTERM)) {
        return;
    }
    if (!wait_until([&] { return !context.host.has_processes(jail); }, timeout)) {
        context.log.warn("processes of '{}' did not end within {} s of SIGTERM; killing them",
                         jail.name,
                         timeout.count());
    }
}

}  // namespace brig
