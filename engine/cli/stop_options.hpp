// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "options.hpp"

namespace brig::cli {

/// The options that `stop` and `restart` share.
void add_stop_options(Options& options);
[[nodiscard]] StopOptions stop_options(const Options& options);

}  // namespace brig::cli
