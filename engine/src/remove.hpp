// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"

#include <string>

namespace brig {

/// Removes a kept container, with its log, and its root unless it only uses that.
/// @throws Error{conflict} when it runs.
void remove(Context& context, const std::string& id);

/// Where the log of a container is kept: an ephemeral one's goes with its run folder.
[[nodiscard]] std::filesystem::path log_folder(const Context& context,
                                               const std::string& id,
                                               bool ephemeral);

}  // namespace brig
