// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <string>

namespace brig::storage_dir {

/// Takes the volume's name away, so that it is gone, and then removes it, with what was kept only
/// for it. Nothing may stand on it.
void discard(const Shelves& shelves, const Entry& volume);

/// Removes what interrupted operations left of the volume `id`, which is gone itself.
/// @throws Error{BRIG_CONFLICT} if it bears the tag of somebody else
void discard_leftovers(const Shelves& shelves, const std::string& id, const std::string& owner);

}  // namespace brig::storage_dir
