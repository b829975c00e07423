// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "scenario.hpp"

#include <string>
#include <vector>

namespace brig::conformance {

/// What an operation calls when nothing goes wrong.
struct CrashPlan {
    Scenario scenario;
    std::vector<HostCall> calls;
    unsigned system_calls = 0;  ///< of the driver itself, that may change something
};

/// Does every scenario once, each in a world of its own. Those that fail have no calls: the tests
/// of suite core tell of them.
[[nodiscard]] std::vector<CrashPlan> find_crash_plans(const Subject& subject,
                                                      const WorldPlan& plan);

/// Whether the names that `glob` allows may be tests of suite crash: finding them out takes time.
[[nodiscard]] bool may_match_crash(const std::string& glob);

}  // namespace brig::conformance
