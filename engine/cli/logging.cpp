// SPDX-License-Identifier: BSD-2-Clause
#include "logging.hpp"

#include "command.hpp"
#include "escape.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace brig::cli {

void require_log_level(const std::string& level) {
    if (level != "trace" && level != "debug" && level != "info" && level != "warn") {
        throw UsageError{"--log-level takes trace, debug, info or warn, not '" + level + "'"};
    }
}

LogSink make_log_sink(const std::string& level) {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>();
    auto logger = std::make_shared<spdlog::logger>("brig", std::move(sink));
    logger->set_level(spdlog::level::from_str(level));
    logger->set_pattern("brig: %^%l%$: %v");
    return [logger = std::move(logger)](LogLevel of, std::string_view line) {
        constexpr spdlog::level::level_enum kLevels[] = {// NOLINT(modernize-avoid-c-arrays)
                                                         spdlog::level::trace,
                                                         spdlog::level::debug,
                                                         spdlog::level::info,
                                                         spdlog::level::warn};
        logger->log(kLevels[static_cast<int>(of)], "{}", printable(line));
    };
}

}  // namespace brig::cli
