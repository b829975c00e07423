// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <functional>
#include <string_view>

namespace BRIG_API brig {

/// Who a line is for: `warn` we went on but someone should look · `info` one line per step ·
/// `debug` every effect with its arguments · `trace` driver calls. Errors are thrown, not logged.
enum class LogLevel {
    trace,
    debug,
    info,
    warn
};

/// Where the library's lines go. The library itself never prints. An empty function drops them.
/// Called on the thread that makes the call into the library; must not throw.
using LogSink = std::function<void(LogLevel, std::string_view line)>;

}  // namespace brig
