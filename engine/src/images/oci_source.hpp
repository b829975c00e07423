// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/contents.hpp"
#include "images/import.hpp"

#include <filesystem>

namespace brig {

/// Unpacks the layers of an image of the layout in the directory `layout` below the target's root,
/// one over the other. Two processes do it: one sees the layout only, the other the root only.
///
/// @throws Error{invalid_config} when the layout or a layer is not what it should be;
/// Error{not_found} when it has no such image, or none for the platform.
Contents import_oci(const ImportTarget& target,
                    const std::filesystem::path& layout,
                    const FromOci& source,
                    const ProgressSink& progress);

}  // namespace brig
