// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "output.hpp"

#include <string>

namespace brig::cli {

/// "running", "stopped (3)", "stopped (signal 9)", …
[[nodiscard]] std::string describe_state(const ContainerInfo& container);

[[nodiscard]] Json to_json(const ContainerInfo& container);

}  // namespace brig::cli
