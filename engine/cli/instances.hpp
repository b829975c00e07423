// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"
#include "output.hpp"

#include <string>
#include <vector>

/// What is shown of configured networks and storages alike.
namespace brig::cli {

[[nodiscard]] Json instance_json(const InstanceInfo& instance);

/// `ls`. Returns the exit status.
int list_instances(Invocation& call, const std::vector<InstanceInfo>& instances);

/// @param noun "network" or "storage" @throws Error{not_found}
[[nodiscard]] const InstanceInfo& find_instance(const std::vector<InstanceInfo>& instances,
                                                const char* noun,
                                                const std::string& name);

}  // namespace brig::cli
