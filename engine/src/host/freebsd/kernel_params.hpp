// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <vector>

namespace brig::freebsd {

/// The jail parameters this kernel has now: the leaves of sysctl security.jail.param, where a
/// module adds its own when it is loaded.
[[nodiscard]] std::vector<ParamInfo> present_params();

/// Those, and the ones libjail would load a module for (jailparam_init(3)), so that
/// `allow.mount.nullfs` is known before the first nullfs is mounted.
[[nodiscard]] std::vector<ParamInfo> kernel_params();

}  // namespace brig::freebsd
