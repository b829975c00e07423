// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <vector>

namespace brig::host_linux {

/// Marks in `rows` what Linux records but cannot enforce. docs/security.md says why, for each.
[[nodiscard]] std::vector<ParamInfo> mark_recorded(std::vector<ParamInfo> rows);

/// Marks those of the pseudo-parameters that the engine cannot perform here, or not as written.
void mark_unperformed(std::vector<ParamInfo>& rows);

}  // namespace brig::host_linux
