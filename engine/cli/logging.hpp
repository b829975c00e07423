// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/log.hpp"

#include <string>

namespace brig::cli {

/// @throws UsageError for anything but trace, debug, info and warn.
void require_log_level(const std::string& level);

/// Lines of at least `level` to standard error, in colour on a terminal.
[[nodiscard]] LogSink make_log_sink(const std::string& level);

}  // namespace brig::cli
