// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "context.hpp"

#include <string>
#include <vector>

namespace brig {

/// Removes a name of an image, and the image with its last one; by its id, an image with no more
/// than one name.
/// @throws Error{conflict} while containers use the image, naming all of them, unless their storage
///         can let them take over what they share with it, and is asked to.
void remove_image(Context& context,
                  const std::string& reference,
                  const RemoveImageOptions& options);

/// Forgets the images that were removed while containers used them, and now are used by none.
void forget_retired_images(Context& context);

/// Removes the images that nothing names and no container uses; with `all` also those with names.
std::vector<ImageInfo> prune_images(Context& context, const PruneOptions& options);

void tag_image(Context& context, const std::string& reference, const std::string& new_reference);

}  // namespace brig
