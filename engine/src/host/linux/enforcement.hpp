// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <string_view>

namespace brig::host_linux {

/// What Linux makes of the kernel parameter `name`: some it records but cannot enforce.
/// docs/security.md says why, for each.
[[nodiscard]] Enforcement enforcement_of(std::string_view name);

}  // namespace brig::host_linux
