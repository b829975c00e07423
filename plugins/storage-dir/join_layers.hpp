// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <string>
#include <vector>

namespace brig::storage_dir {

/// A folder that shows what the stack `layers`, the topmost first, looks like when it is mounted:
/// for systems that lay one folder over another, but no more than two. It is made of other names of
/// the layers' files, once, lies in the topmost layer and goes with it. It must not be written to.
///
/// @return its absolute path
/// @throws Error; BRIG_CANCELLED soon after the user asked for it
std::string join_layers(const sdk::Call& call, const std::vector<Entry>& layers);

}  // namespace brig::storage_dir
