// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/volume.hpp"
#include "context.hpp"

#include <optional>
#include <string>
#include <vector>

/// Snapshots of a container's root. Its storage keeps them and knows them; the engine keeps no list
/// of its own that could differ. They go with the container.
namespace brig {

/// Takes a snapshot of the container `id`, called `name`, or after the time if that is empty. Of a
/// container that runs only where the storage does that in one moment.
/// @throws Error{already_exists}, Error{conflict} for one that runs or that is ephemeral.
SnapshotInfo take_snapshot(Context& context, const std::string& id, const std::string& name);

/// The oldest first.
[[nodiscard]] std::vector<SnapshotInfo> list_snapshots(Context& context, const std::string& id);

/// @throws Error{not_found}, Error{conflict} while something that was made from it is there.
void remove_snapshot(Context& context, const std::string& id, const std::string& name);

/// Takes the root of a stopped container back to a snapshot.
/// @param discard_newer remove the snapshots that were taken since; without, @throws
///        Error{conflict} if there are any
void roll_back(Context& context,
               const std::string& id,
               const std::string& name,
               bool discard_newer);

/// The paths of the container's root that are not as in the snapshot `since`, or as in its image;
/// by path. Running or not.
[[nodiscard]] std::vector<PathChange> diff(Context& context,
                                           const std::string& id,
                                           const std::optional<std::string>& since);

}  // namespace brig
