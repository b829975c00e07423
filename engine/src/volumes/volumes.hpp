// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/volume.hpp"
#include "context.hpp"

#include <string>
#include <vector>

/// Data volumes: made and removed by the user only. No recovery ever destroys one.
namespace brig {

/// The beginning of every volume's id, which is what it is called on its storage: whatever finds
/// one there, without a record, knows that it may hold data.
inline constexpr const char* kVolumePrefix = "v-";

/// @throws Error{already_exists}, Error{invalid_config} with all that is wrong with the options.
VolumeInfo create_volume(Context& context, const VolumeSpec& spec);

/// The names of the containers that use the volume, running or kept.
[[nodiscard]] std::vector<std::string> users_of_volume(Context& context, const VolumeInfo& volume);

/// @param reference a name, or an id; also that of a volume of which there is no record
/// @throws Error{conflict} that names the containers which use it.
void remove_volume(Context& context, const std::string& reference);

/// Removes the volumes that no container uses, or with `dry_run` only says which. Returns them.
std::vector<VolumeInfo> prune_volumes(Context& context, bool dry_run);

/// What the volume `id`, a data volume or an image, takes of its storage; nothing where that cannot
/// tell.
[[nodiscard]] std::optional<VolumeUsage> usage_of(Context& context,
                                                  const std::string& storage,
                                                  const std::string& id);

}  // namespace brig
