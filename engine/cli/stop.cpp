// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

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

/// Stops the containers that are named, and does `then` with each.
int stop_each(Invocation& call, const char* usage, void (*then)(Invocation&, const std::string&)) {
    Options options{usage};
    options.add()("time,t", po::value<int>(), "seconds between SIGTERM and SIGKILL");
    options.add()("force", "go on when exec.prestop or exec.stop fails");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& container : options.operands()) {
        call.engine().stop(container, stop_options(options));
        then(call, container);
    }
    return kDone;
}

}  // namespace

int stop(Invocation& call) {
    return stop_each(call, "stop [-t SECONDS] [--force] CONTAINER…", [](auto&, auto&) {});
}

int restart(Invocation& call) {
    return stop_each(call,
                     "restart [-t SECONDS] [--force] CONTAINER…",
                     [](Invocation& restarted, const std::string& container) {
                         restarted.engine().start_detached(container);
                     });
}

}  // namespace brig::cli
