// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "launch.hpp"

namespace brig {

/// Makes a container that is kept: its volume and its record. Nothing is started.
/// @throws Error{already_exists} when the name is taken; what was made is undone.
ContainerRecord create(Context& context, const Launch& launch);

}  // namespace brig
