// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace brig::freebsd {

/// The options for a devfs in a container: with jail(8)'s ruleset 4 where none is given.
///
/// @throws Error{system} when the ruleset has no rules. A devfs with an empty ruleset shows every
///         device of the host, disks included, to the container.
[[nodiscard]] std::vector<std::string> devfs_options(std::vector<std::string> options);

}  // namespace brig::freebsd
