// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

namespace brig::storage_zfs {

/// Takes a snapshot; also of a volume that is active, since ZFS does that in one moment.
void take_snapshot(Volume& volume, const std::string& name);

void destroy_snapshot(Volume& volume, const std::string& name);

/// Returns the volume to a snapshot; `zfs rollback` without -r, once the newer ones are gone.
void roll_back(Volume& volume, const std::string& name);

/// Reports the snapshots that have a name of the user's.
void report_snapshots(Volume& volume);

}  // namespace brig::storage_zfs
