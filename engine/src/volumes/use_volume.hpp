// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/volume.hpp"
#include "context.hpp"
#include "ledger/ledger.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// A data volume while containers use it. It is active from its first user to its last.
namespace brig {

/// The volume that `name` names. @throws Error{not_found} with the nearest name.
[[nodiscard]] VolumeInfo require_volume(Store& store, const std::string& name);

/// How a volume is to be used by a container.
struct VolumeUse {
    const VolumeInfo& volume;
    std::filesystem::path populate_from;  ///< a directory on the host, whose content an empty
                                          ///< volume gets; empty: none
};

/// Makes the volume usable for the container `id`, and writes that down first. Returns where it is
/// on the host.
[[nodiscard]] std::filesystem::path use_volume(Context& context,
                                               const std::string& id,
                                               const VolumeUse& use,
                                               Ledger& ledger);

/// Undoes `use_volume`: with its last user the volume is deactivated. `call` is about the volume.
void stop_using_volume(Context& context,
                       const std::string& id,
                       const std::string& storage,
                       const DriverCall& call);

/// The names, or ids, of volumes that a container of this specification mounts.
[[nodiscard]] std::vector<std::string> volumes_named_in(const ContainerSpec& spec);

}  // namespace brig
