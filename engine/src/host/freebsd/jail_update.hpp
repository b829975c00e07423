// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// jail_set(2) with JAIL_UPDATE: the kernel makes all of the changes or none.
void update_jail(const Jail& jail, const ParamList& changes);

}  // namespace brig::freebsd
