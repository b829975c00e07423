// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"

namespace brig {

/// `base` with what `over` names: variables one by one, everything else as a whole.
[[nodiscard]] ImageDefaults merge_defaults(ImageDefaults base, const ImageDefaults& over);

/// @throws Error{invalid_config} for variables that are not NAME=value.
void check_defaults(const ImageDefaults& defaults);

}  // namespace brig
