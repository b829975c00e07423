// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "launch.hpp"

#include <vector>

namespace brig {

/// Makes a container that is kept: its volume and its record. Nothing is started.
/// @throws Error{already_exists} when the name is taken; what was made is undone.
ContainerRecord create(Context& context, const Launch& launch);

/// Makes containers that have roots of their own: all of them or, when one cannot be made or brig
/// is killed, none.
/// @throws Error{already_exists} when a name is taken.
void create_all(Context& context, const std::vector<Launch>& launches);

}  // namespace brig
