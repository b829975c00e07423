// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/spec.hpp"
#include "jail_conf/resolver.hpp"
#include "params/catalogue.hpp"
#include "support/findings.hpp"

#include <vector>

namespace brig::jail_conf {

/// What a jail becomes.
struct JailSpec {
    ContainerSpec spec;
    Place root_place;
    std::vector<Finding> left_out;  ///< parameters that a container cannot have here, and why
};

/// The container that `jail` describes: `path` is its root, the last `command` its command, and all
/// else its parameters, each with its place. What no container can be made of (no path, a name that
/// no container may have) becomes a finding; values are checked when the container is resolved.
[[nodiscard]] JailSpec to_spec(const Jail& jail, const Catalogue& catalogue, Findings& findings);

}  // namespace brig::jail_conf
