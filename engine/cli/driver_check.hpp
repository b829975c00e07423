// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"

#include <string>
#include <vector>

namespace brig::cli {

/// `brig driver check FILE.so …`: whether a driver keeps its contract. `arguments` follow "check".
int check_driver(Invocation& call, const std::vector<std::string>& arguments);

}  // namespace brig::cli
