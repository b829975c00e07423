// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "context.hpp"

namespace brig {

/// Writes an image as an archive, from a clone of it that goes in the end, or as its storage's
/// stream. Fails or is cancelled: nothing is left.
void export_image(Context& context, const ImageExport& spec, const ProgressSink& progress);

}  // namespace brig
