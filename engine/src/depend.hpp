// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "launch.hpp"

#include <string>
#include <vector>

/// What the parameter `depend` says: which containers must run before this one, and until it is
/// gone. See jail(8).
namespace brig {

/// The ids of the containers that `params` name; unknown names are left out.
[[nodiscard]] std::vector<std::string> dependencies_of(Context& context, const ParamList& params);

/// Requires that every container that `launch` depends on runs, up to its last exec.poststart.
/// @throws Error{not_found}, Error{conflict} when one does not, Error{invalid_config} when they
///         depend on each other in a loop.
void require_dependencies(Context& context, const Launch& launch);

/// `containers`, names or ids, each after those of them that it depends on. What is neither a name
/// nor a whole id comes first. Loops are for require_dependencies() to find.
[[nodiscard]] std::vector<std::string> in_start_order(Context& context,
                                                      const std::vector<std::string>& containers);

/// The ids of the containers that run and depend on `id` themselves.
[[nodiscard]] std::vector<std::string> running_dependents(Context& context, const std::string& id);

}  // namespace brig
