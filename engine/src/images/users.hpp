// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"

#include <string>
#include <vector>

namespace brig {

/// The names of all containers that were made from the image, kept or ephemeral, running or not.
[[nodiscard]] std::vector<std::string> users_of_image(Context& context,
                                                      const std::string& image_id);

}  // namespace brig
