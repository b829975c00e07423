// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/up.hpp"
#include "context.hpp"

#include <string>
#include <vector>

namespace brig {

/// Has containers run as their file says, see Engine::up.
/// @throws Error{invalid_config} with everything that is wrong or refused; nothing is touched then.
std::vector<UpResult> up(Context& context,
                         const ContainerSelection& selection,
                         const UpOptions& options);

/// What it would do, found out without touching anything.
[[nodiscard]] std::vector<UpPlan> plan_up(Context& context,
                                          const ContainerSelection& selection,
                                          const UpOptions& options);

/// What starting each of them would do, as if none of them existed.
[[nodiscard]] std::vector<Plan> plan_containers(Context& context,
                                                const ContainerSelection& selection);

/// Only checks them, whatever there is already. Returns their names.
std::vector<std::string> check_containers(Context& context, const ContainerSelection& selection);

}  // namespace brig
