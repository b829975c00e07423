// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"

#include <vector>

namespace brig::cli {

/// The drivers of the storage and the networks that exist without configuration. They are part of
/// the command: nothing to find, to check and to load when a container starts.
[[nodiscard]] std::vector<EmbeddedDriver> embedded_drivers();

}  // namespace brig::cli
