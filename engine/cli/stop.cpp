// SPDX-License-Identifier: BSD-2-Clause
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

/// Stops the containers that are named, those first that depend on others. Returns them in the
/// order in which they may start again; nothing when only help was asked for.
std::vector<std::string> stop_all(Invocation& call, const char* usage) {
    Options options{usage};
    options.add()("time,t", po::value<int>(), "seconds between SIGTERM and SIGKILL");
    options.add()("force", "go on when exec.prestop or exec.stop fails");
    if (!options.parse(call)) {
        return {};
    }
    options.require_operands(1, kMany);
    std::vector<std::string> order = call.engine().start_order(options.operands());
    std::for_each(order.rbegin(), order.rend(), [&](const std::string& container) {
        call.engine().stop(container, stop_options(options));
    });
    return order;
}

}  // namespace

int stop(Invocation& call) {
    stop_all(call, "stop [-t SECONDS] [--force] CONTAINER…");
    return kDone;
}

int restart(Invocation& call) {
    for (const std::string& container :
         stop_all(call, "restart [-t SECONDS] [--force] CONTAINER…")) {
        call.engine().start_detached(container);
    }
    return kDone;
}

}  // namespace brig::cli
