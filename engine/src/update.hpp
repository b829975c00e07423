// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/update.hpp"
#include "context.hpp"
#include "support/findings.hpp"

#include <string>
#include <vector>

namespace brig {

/// Changes the container `id`, see Engine::update.
/// @throws Error{invalid_config} with everything that is wrong or refused; nothing is touched then.
std::vector<Change> update(Context& context, const std::string& id, const UpdateSpec& wanted);

/// Makes a kept container what `wanted` says, which is of the same image or root; `where` is where
/// that was written. Command, user, folder, networks and restart policy wait for its next start.
/// @throws as update() does.
std::vector<Change> update_to(Context& context,
                              const std::string& id,
                              const ContainerSpec& wanted,
                              const std::string& where);

/// What update_to() would return. What it would refuse becomes a finding.
[[nodiscard]] std::vector<Change> plan_update_to(Context& context,
                                                 const std::string& id,
                                                 const ContainerSpec& wanted,
                                                 const std::string& where,
                                                 Findings& findings);

/// Finishes an update of a running container whose process died in the middle. False when there was
/// none.
bool mend_update(Context& context, const std::string& id);

}  // namespace brig
