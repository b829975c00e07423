// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"

namespace brig::cli {

/// `ls` and `inspect NAME` of networks or storages; `noun` is "network" or "storage".
int show_instances(Invocation& call, const char* noun, const std::vector<InstanceInfo>& instances);

}  // namespace brig::cli
