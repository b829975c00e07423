// SPDX-License-Identifier: BSD-2-Clause
#include "images/find_image.hpp"

#include "launch.hpp"
#include "spec/image_reference.hpp"
#include "volumes/volumes.hpp"

namespace brig {

ImageInfo find_image(Context& context, const std::string& reference) {
    static_cast<void>(parse_image_name(reference));
    ImageInfo image = resolve_image(context.store, reference);
    if (image.volume.empty()) {
        throw Error{
            ErrorCode::not_found,
            fmt::format("image '{}' was removed; only containers of it are left", reference)}
            .with_hint("make a new one of such a container: brig image create --from-container");
    }
    return image;
}

std::optional<std::uint64_t> image_usage(Context& context, const ImageInfo& image) {
    const auto usage = usage_of(context, image.storage, image.id);
    return usage ? std::optional{usage->used} : std::nullopt;
}

}  // namespace brig
