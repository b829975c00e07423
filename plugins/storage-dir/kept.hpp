// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <string>
#include <vector>

/// A volume may go while clones of it stay. Its layers are then kept for them, in what was its
/// folder, now ".kept-ID.NUMBER". It is no volume any more: nothing is cloned from it, no operation
/// can name it, and it goes with the last that stands on it.
///
/// All clones own it together, rather than one of them: which would be in the others' way when it
/// is to be removed itself.
namespace brig::storage_dir {

/// Were others cloned from `volume`? @throws Error{BRIG_BUSY} if one that stands on it is active
[[nodiscard]] bool has_inactive_clones(const Shelves& shelves, const Entry& volume);

/// Removes a volume that others were cloned from, and keeps what they stand on. It must be inactive
/// and locked exclusively.
///
/// The labels of the clones are made to name the new place first. Until the folder is called that,
/// Shelves::find_layer() finds the layers where they are. So a crash leaves a volume that is
/// there as before, or one that is gone and of which too much is kept.
///
/// @throws Error{BRIG_BUSY} if one of them is being cloned from
void hand_over(const Shelves& shelves, Entry& volume);

/// Does the folder `name`, or a layer in it, stand on what is kept of another volume?
[[nodiscard]] bool stands_on_kept(const Shelf& shelf, const std::string& name, const Label& label);

/// Removes what is kept and nobody stands on any more.
void collect_kept(const Shelves& shelves);

/// Completes what hand_over() of the volume `id` began before a crash, if it is gone.
void finish_hand_over(const Shelves& shelves, const std::string& id, const std::string& owner);

/// What a crash left: more is kept than others stand on.
[[nodiscard]] std::vector<Entry> unfinished_hand_overs(const Shelves& shelves);

}  // namespace brig::storage_dir
