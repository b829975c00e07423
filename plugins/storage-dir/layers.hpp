// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Layers: what snapshots are made of, and what clones stand on.
namespace brig::storage_dir {

/// The layer of a snapshot. @throws Error{BRIG_NOT_FOUND}
[[nodiscard]] LayerId layer_of_snapshot(const Shelf& shelf,
                                        const std::string& volume,
                                        const std::string& snapshot);

/// A layer and those that it stands on, the topmost first.
/// @throws Error{BRIG_NOT_FOUND} if one is missing
[[nodiscard]] std::vector<Entry> layers_below(const Shelves& shelves, const LayerId& top);

/// The tree of a layer, opened.
[[nodiscard]] UniqueFd open_tree(const Entry& layer);

/// Those of several.
[[nodiscard]] std::vector<UniqueFd> open_trees(const std::vector<Entry>& layers);

struct Snapshot {
    std::string name;
    LayerId layer;
    std::int64_t taken;  ///< seconds since 1970
};

/// The oldest first.
[[nodiscard]] std::vector<Snapshot> snapshots_of(const Entry& volume);

// The next three want the volume locked: the first shared, the others exclusive.

/// Makes the volume's present content the snapshot `name`, without a copy. From then on the volume
/// is a clone of it, of the kind `kind`.
void freeze(const Shelves& shelves, Entry& volume, const std::string& name, Kind kind);

/// Forgets the snapshot `name`, and the layers that nobody stands on any more.
/// @throws Error{BRIG_BUSY} if another volume was cloned from it
void forget_snapshot(const Shelves& shelves, const Entry& volume, const std::string& name);

/// Makes the volume a new clone of its snapshot `name`.
/// @param discard_newer remove newer snapshots; without, @throws Error{BRIG_CONFLICT} if any
void roll_back(
    const Shelves& shelves, Entry& volume, const std::string& name, Kind kind, bool discard_newer);

/// Completes what freeze() or roll_back() began before a crash.
void finish(const Shelves& shelves, Entry& volume);

}  // namespace brig::storage_dir
