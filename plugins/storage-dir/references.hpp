// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <set>
#include <string>
#include <vector>

/// Who stands on whose layers: found from the labels of all volumes, and kept nowhere else.
namespace brig::storage_dir {

/// Somebody who stands on a layer.
struct Reference {
    LayerId layer;
    std::string volume;  ///< whose head or layer it is
    Entry bearer;        ///< the head or layer whose label says so
};

/// All on all shelves. What is half made counts: it is being cloned, and says from what.
[[nodiscard]] std::vector<Reference> all_references(const Shelves& shelves);

/// Those to layers of `volume`.
[[nodiscard]] std::vector<Reference> references_to(const std::vector<Reference>& all,
                                                   const std::string& volume);

/// The volumes, other than `volume`, that stand on it, or on `layer` of it if that is not nullptr.
/// For what is kept of a volume that is gone, those that it is kept for.
[[nodiscard]] std::set<std::string> clones_of(const std::vector<Reference>& all,
                                              const std::string& volume,
                                              const LayerId* layer);

/// @throws Error{BRIG_BUSY} that names the volumes which were cloned from this one
void require_no_clones(const Shelves& shelves, const Entry& volume);

/// The same for one layer, that of the snapshot `snapshot`.
void require_no_clones(const Shelves& shelves,
                       const Entry& volume,
                       const std::string& snapshot,
                       const LayerId& layer);

/// Removes the layers of a volume that no snapshot is made of and nobody stands on.
void collect_layers(const Shelves& shelves, const Entry& volume);

}  // namespace brig::storage_dir
