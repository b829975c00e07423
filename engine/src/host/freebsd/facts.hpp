// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

[[nodiscard]] HostFacts read_facts();

/// See Host::require_privilege.
void require_privilege();

}  // namespace brig::freebsd
