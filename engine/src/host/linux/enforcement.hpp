// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <string_view>

namespace brig::host_linux {

/// Says in `rule` what Linux makes of the parameter `name`: some it records but cannot enforce,
/// some nobody can perform here. docs/security.md says why, for each.
void limit_to_linux(std::string_view name, ParamRule& rule);

}  // namespace brig::host_linux
