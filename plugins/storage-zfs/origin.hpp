// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

/// Volumes that are made of a dataset of the host, which stays as it is.
namespace brig::storage_zfs {

/// What the options ask for.
struct Wish {
    Origin origin;
    bool copy = false;  ///< also where a clone is possible
};

/// @throws Error{BRIG_INVALID}
[[nodiscard]] Wish wish_of(const sdk::Options& options);

/// Makes the volume, or finds it made: a clone in the same pool, else a copy.
///
/// Of a dataset without snapshot the driver takes one, which is called for the volume and bears its
/// tag. That it is going to says before a dataset ".from-ID" below the parent, for whoever destroys
/// the volume after a crash: nothing else would lead him to a snapshot somewhere on the host. When
/// the volume is there the snapshot is destroyed; while it has a clone, ZFS does that with the
/// clone.
void provision_from(Volume& volume, const Wish& wish, const Properties& wanted);

}  // namespace brig::storage_zfs
