// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/up.hpp"
#include "context.hpp"

#include <vector>

namespace brig {

/// Stops the containers of a file, see Engine::down.
std::vector<DownResult> down(Context& context,
                             const ContainerSelection& selection,
                             const DownOptions& options);

}  // namespace brig
