// SPDX-License-Identifier: BSD-2-Clause
#include "images/find_image.hpp"

#include "launch.hpp"
#include "spec/image_reference.hpp"
#include "support/check.hpp"

namespace brig {

ImageInfo find_image(Context& context, const std::string& reference) {
    static_cast<void>(parse_image_name(reference));
    return resolve_image(context.store, reference);
}

std::optional<std::uint64_t> image_usage(Context& context, const ImageInfo& image) {
    try {
        return context.instances.storage(image.storage)
            .usage(context.call_for(image.id, image.volume))
            .used;
    } catch (const Error& error) {
        // A list of images is worth having without one number in it.
        context.log.debug("the size of image {}: {}", image.id, full_message(error));
        return std::nullopt;
    }
}

}  // namespace brig
