// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/plan.hpp"
#include "launch.hpp"

namespace brig {

/// What `start` would do with `launch`, from the same verbs and parameters.
[[nodiscard]] Plan make_plan(const Context& context, Launch launch);

}  // namespace brig
