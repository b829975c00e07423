// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// Attaches a ZFS dataset to the jail: zfs-jail(8).
void lend_dataset(const Jail& jail, const std::string& dataset);

/// Detaches it. What cannot be detached the kernel lets go of when the jail is removed.
void return_dataset(const Jail& jail, const std::string& dataset, const Log& log);

}  // namespace brig::freebsd
