// SPDX-License-Identifier: BSD-2-Clause
#include "each.hpp"
#include "options.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace brig::cli {

namespace {

StopOptions stop_options(const Options& options) {
    StopOptions stop;
    if (const auto seconds = options.find<int>("time")) {
        if (*seconds < 0) {
            throw options.error("-t takes a number of seconds");
        }
        stop.timeout = std::chrono::seconds{*seconds};
    }
    stop.force = options.has("force");
    return stop;
}

void add_stop_options(Options& options) {
    options.add()("time,t", po::value<int>(), "seconds between SIGTERM and SIGKILL");
    options.add()("force", "go on when exec.prestop or exec.stop fails");
}

/// Stops the containers that are named, those first that depend on others. Returns them in the
/// order in which they may start again.
std::vector<std::string> stop_named(Invocation& call,
                                    const Options& options,
                                    const StopOptions& how) {
    options.require_operands(1, kMany);
    std::vector<std::string> order = call.engine().start_order(options.operands());
    std::for_each(order.rbegin(), order.rend(), [&](const std::string& container) {
        call.engine().stop(container, how);
    });
    return order;
}

/// An ephemeral container that has ended by itself is stopped as well.
void stop_unless_gone(Engine& engine, const std::string& id, const StopOptions& how) {
    try {
        engine.stop(id, how);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found) {
            throw;
        }
    }
}

/// Stops all that runs, until the machine starts again.
int stop_all(Invocation& call, StopOptions how) {
    how.for_now = true;
    std::vector<std::string> ids;
    for (const ContainerInfo& container : call.engine().containers()) {
        if (is_up(container)) {
            ids.push_back(container.id);
        }
    }
    ids = call.engine().start_order(ids);
    std::reverse(ids.begin(), ids.end());
    return for_each_container(
        ids, [&](const std::string& id) { stop_unless_gone(call.engine(), id, how); });
}

}  // namespace

int stop(Invocation& call) {
    Options options{"stop [-t SECONDS] [--force] CONTAINER… | --all"};
    add_stop_options(options);
    options.add()("all", "all that runs, as the machine goes down");
    if (!options.parse(call)) {
        return kDone;
    }
    if (options.has("all")) {
        options.require_operands(0, 0);
        return stop_all(call, stop_options(options));
    }
    stop_named(call, options, stop_options(options));
    return kDone;
}

int restart(Invocation& call) {
    Options options{"restart [-t SECONDS] [--force] CONTAINER…"};
    add_stop_options(options);
    if (!options.parse(call)) {
        return kDone;
    }
    StopOptions how = stop_options(options);
    how.for_now = true;
    for (const std::string& container : stop_named(call, options, how)) {
        call.engine().start_detached(container);
    }
    return kDone;
}

}  // namespace brig::cli
