// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

namespace brig::storage_zfs {

/// What a volume is cloned from, and what it says of that itself.
struct Ancestor {
    std::string snapshot;  ///< full name
    Property mark;         ///< kSource or kOrigin
};

/// Makes the volume, or finds it made. One command, since making and tagging are one step of ZFS.
void provision(Volume& volume, const std::optional<Source>& source, const Properties& wanted);

/// Is the volume there? @throws Error{BRIG_CONFLICT} if it was made from something else than `mark`
/// says, or is somebody else's
[[nodiscard]] bool is_made(Volume& volume, const std::optional<Property>& mark);

/// Makes the volume, a clone if there is an ancestor. The parent is made if need be.
void make(Volume& volume, const std::optional<Ancestor>& from, const Properties& wanted);

/// Gives the properties that every volume has to what is made some other way, too.
/// @param path where it will be mounted
[[nodiscard]] Properties volume_properties(const std::string& owner, const std::string& path);

/// Mounts the volume, and gives it those of the wanted properties that it does not have.
void activate(Volume& volume, const Properties& wanted);

/// Unmounts the volume. Not mounted is fine.
void deactivate(Volume& volume);

[[nodiscard]] sdk::Condition check(Volume& volume);

/// Could a volume be made now? @throws Error that says why not
void require_ready(Zfs& zfs);

/// Makes the parent of all volumes, if its own parent is there, unless it exists.
void need_parent(Zfs& zfs);
}  // namespace brig::storage_zfs
