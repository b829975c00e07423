// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"
#include "host/host.hpp"
#include "host/linux/protocol.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// From jail parameters to namespaces, capabilities and system calls. Pure; docs/security.md is its
/// prose.
namespace brig::host_linux {

/// What a jail's parameters mean on Linux.
struct JailPolicy {
    PlanFlags flags;
    std::string hostname;
    std::string domainname;
};

/// @throws Error{unsupported} for what cannot be had here and must not be missed.
[[nodiscard]] JailPolicy make_policy(const ParamList& params);

/// A mount as init wants it: a PlanMount with its two strings.
struct PlannedMount {
    PlanMount plan;
    std::string source;
    std::string target;
};

/// Translates jail(8)'s words for file systems and mount options.
/// @throws Error{unsupported} or Error{invalid_config} that names the mount.
[[nodiscard]] PlannedMount plan_mount(const Mount& mount);

}  // namespace brig::host_linux
