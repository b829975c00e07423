// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "context.hpp"

#include <string>

namespace brig {

/// Makes an image: an empty volume, filled from the source, frozen, and named.
/// Fails or is cancelled: nothing is left.
ImageInfo create_image(Context& context, const ImageSpec& spec, const ProgressSink& progress);

/// Removes a name of an image, and the image with its last one.
/// @throws Error{conflict} while a container uses the image, naming it.
void remove_image(Context& context, const std::string& reference);

void tag_image(Context& context, const std::string& reference, const std::string& new_reference);

}  // namespace brig
