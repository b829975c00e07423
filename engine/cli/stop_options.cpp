// SPDX-License-Identifier: BSD-2-Clause
#include "stop_options.hpp"

namespace brig::cli {

void add_stop_options(Options& options) {
    options.add()("time,t", po::value<int>(), "seconds between SIGTERM and SIGKILL");
    options.add()("force", "go on when exec.prestop or exec.stop fails");
}

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

}  // namespace brig::cli
