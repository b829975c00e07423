// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"
#include "support/findings.hpp"

#include <optional>
#include <string_view>

namespace brig {

/// Whether a driver may contribute the parameter, if it declares it. What a jail is allowed to do,
/// and what is run, is for the user alone; `path` is the engine's, who gets it from the storage in
/// another way.
[[nodiscard]] bool may_be_contributed(std::string_view name);

/// Whether `name` is one of `path`, `name`, `jid`, `command`, which belong to the engine.
[[nodiscard]] bool is_reserved(std::string_view name);

/// Why `assignment` may not be made at all, whatever its value: the parameter is read-only, or it
/// is reserved. Of the reserved ones a driver may set `path`.
[[nodiscard]] std::optional<Finding> refusal_of(const Assignment& assignment,
                                                const ParamRule& rule);

/// Adds a finding for each of vnet, ip4, ip6, ip4.addr, ip6.addr and vnet.interface that does not
/// keep what a driver `contributed`: a scalar with another value, a list that lost an element, an
/// address of a family that the network disables.
void check_contradictions(const ParamList& contributed,
                          const ParamList& merged,
                          Findings& findings);

/// Adds a finding for each file on the host that is not named by an absolute path, which jail(8)
/// refuses: exec.consolelog, mount.fstab.
void check_files(const ParamList& merged, Findings& findings);

/// Adds a finding for each name of an interface (interface, vnet.interface) or dataset
/// (zfs.dataset) that cannot be one.
void check_names(const ParamList& merged, Findings& findings);

/// Adds a finding for each address restriction beside vnet=new, which the kernel refuses, and for
/// vnet.interface without it.
void check_vnet(const ParamList& merged, Findings& findings);

}  // namespace brig
