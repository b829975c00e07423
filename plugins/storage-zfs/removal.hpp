// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

namespace brig::storage_zfs {

/// Destroys the volume with its snapshots, and what a crash left of it. Nothing is destroyed that
/// was not looked at before: never `zfs destroy -r`, and still less -R.
///
/// One without snapshots disappears by one command. One that has some is first renamed to
/// ".trash-ID", so that it is gone at once and completely for all who look for it.
void destroy(Volume& volume);

/// What a broken-off receive() or diff() left of the volume.
void destroy_leftover(Volume& volume, Role role);

/// @throws Error{BRIG_CONFLICT} for a snapshot that is not ours, Error{BRIG_BUSY} for one that is
///         held or that something was cloned from
void require_removable(const Zfs& zfs, const Dataset& dataset, const Snapshot& snapshot);

}  // namespace brig::storage_zfs
