// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"

#include <string>
#include <vector>

namespace brig {

/// The id of the container that `reference` names: an exact name, or an unambiguous, non-empty
/// prefix of an id.
/// @throws Error{not_found} with the nearest name, Error{conflict} for an ambiguous prefix.
[[nodiscard]] std::string find_container(Context& context, const std::string& reference);

/// The name of the container `id`, kept or running; the id itself if it is neither.
[[nodiscard]] std::string name_of_container(Context& context, const std::string& id);

/// Every container, kept or ephemeral, newest first.
[[nodiscard]] std::vector<ContainerInfo> list_containers(Context& context);

/// All that is known of one container.
[[nodiscard]] ContainerInfo inspect_container(Context& context, const std::string& id);

}  // namespace brig
