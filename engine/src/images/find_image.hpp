// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "context.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace brig {

/// The image that NAME[:TAG] or the beginning of an id names, as a whole: not a snapshot of it.
[[nodiscard]] ImageInfo find_image(Context& context, const std::string& reference);

/// What it takes of its storage; nothing when that cannot tell.
[[nodiscard]] std::optional<std::uint64_t> image_usage(Context& context, const ImageInfo& image);

}  // namespace brig
