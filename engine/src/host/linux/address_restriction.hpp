// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"
#include "host/linux/address_programs.hpp"

/// The jail's addresses, enforced: address_programs.hpp's programs in the kernel, on the jail's
/// control group.
namespace brig::host_linux {

/// What the parameters of a new jail say of addresses. Nothing is restricted in a jail with a
/// network stack of its own, or without `ip4.addr` and `ip6.addr`: what it may use, system calls
/// decide.
[[nodiscard]] AddressRules address_rules(const ParamList& params);

/// The same for a jail that was `before` and shall be as `params` say.
[[nodiscard]] AddressRules address_rules(const ParamList& params, const ParamList& before);

/// Attaches the programs for `rules` to a control group. Those of an earlier call are replaced,
/// each at once: no socket is unrestricted meanwhile.
/// @throws Error that says what the kernel or this process lacks.
void restrict_addresses(int cgroup, const AddressRules& rules);

}  // namespace brig::host_linux
