// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/log.hpp"

#include <fmt/core.h>

#include <utility>

namespace brig {

/// The library's side of a LogSink: formats a line only when someone listens.
class Log {
  public:
    Log() = default;
    explicit Log(LogSink sink) : sink_{std::move(sink)} {}

    template <typename... Args>
    void debug(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::debug, text, std::forward<Args>(args)...);
    }
    template <typename... Args>
    void info(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::info, text, std::forward<Args>(args)...);
    }
    template <typename... Args>
    void warn(fmt::format_string<Args...> text, Args&&... args) const {
        write(LogLevel::warn, text, std::forward<Args>(args)...);
    }

    template <typename... Args>
    void write(LogLevel level, fmt::format_string<Args...> text, Args&&... args) const {
        if (sink_) {
            sink_(level, fmt::format(text, std::forward<Args>(args)...));
        }
    }

  private:
    LogSink sink_;
};

}  // namespace brig
