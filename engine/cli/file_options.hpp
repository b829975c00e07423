// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/up.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace brig::cli {

/// -f: where the containers are written. Without it, in the configuration.
void add_file_option(Options& options);

/// The containers that -f and the operands name.
[[nodiscard]] ContainerSelection selection(const Options& options);

/// --recreate.
void add_recreate_option(Options& options);
[[nodiscard]] UpOptions up_options(const Options& options);

/// One line a change, below the line of its container.
void print_changes_of(const std::vector<Change>& changes);

/// What `up` would do, and the plan of each container.
void print_plans(const std::vector<UpPlan>& plans, bool as_json);

/// The plans of containers for another release of FreeBSD.
void print_plans(const std::vector<Plan>& plans, bool as_json);

}  // namespace brig::cli
