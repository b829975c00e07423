// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"

#include <vector>

namespace brig {

/// Every parameter of this host, with the defaults that a container without a network has here:
/// those of the kernel, of brig, and of [defaults.params].
[[nodiscard]] std::vector<ParamInfo> known_params(const Context& context);

}  // namespace brig
