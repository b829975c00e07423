// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

struct CreatedJail {
    JailId id;
    /// FreeBSD 15: owns the jail; the kernel removes it when the last copy of this is closed, and
    /// so when its process dies. Empty on older kernels.
    UniqueFd owner;
};

/// jail_set(2) with JAIL_CREATE, `persist`, and the kernel's share of the request's parameters.
[[nodiscard]] CreatedJail create_jail(const JailRequest& request);

}  // namespace brig::freebsd
