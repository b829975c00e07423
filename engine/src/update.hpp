// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/update.hpp"
#include "context.hpp"

#include <string>
#include <vector>

namespace brig {

/// Changes the container `id`, see Engine::update.
/// @throws Error{invalid_config} with everything that is wrong or refused; nothing is touched then.
std::vector<Change> update(Context& context, const std::string& id, const UpdateSpec& wanted);

/// Finishes an update of a running container whose process died in the middle. False when there was
/// none.
bool mend_update(Context& context, const std::string& id);

}  // namespace brig
