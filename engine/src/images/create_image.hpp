// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "context.hpp"

namespace brig {

/// Makes an image: an empty volume, filled from the source, frozen, and named.
/// Fails or is cancelled: nothing is left.
ImageInfo create_image(Context& context, const ImageSpec& spec, const ProgressSink& progress);

}  // namespace brig
