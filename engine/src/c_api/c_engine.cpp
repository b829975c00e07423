// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/barrier.hpp"

#include <filesystem>
#include <optional>

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

namespace {

std::optional<std::filesystem::path> path_of(const char* text) {
    return text == nullptr ? std::nullopt : std::optional<std::filesystem::path>{text};
}

static_assert(static_cast<int>(LogLevel::warn) == BRIG_LEVEL_WARN);

LogSink sink_of(const brig_engine_options& options) {
    if (options.log == nullptr) {
        return {};
    }
    return [log = options.log, data = options.log_data](LogLevel level, std::string_view line) {
        log(data, static_cast<int>(level), std::string{line}.c_str());
    };
}

Settings settings_of(const brig_engine_options& options) {
    Settings settings =
        load_settings({path_of(options.config), path_of(options.state), path_of(options.run)});
    if (options.libexec != nullptr) {
        settings.libexec = options.libexec;
    }
    if (options.drivers != nullptr) {
        const std::vector<std::string> folders = texts_of(options.drivers);
        settings.driver_dirs.assign(folders.begin(), folders.end());
    }
    if (options.default_network != nullptr) {
        settings.default_network = options.default_network;
    }
    return settings;
}

}  // namespace

brig_error_code brig_engine_open(const brig_engine_options* options,
                                 brig_engine** engine,
                                 brig_error* error) {
    const auto open = [&] {
        *engine = nullptr;
        const auto given = options_from(options, "brig_engine_options");
        *engine = new brig_engine{Engine{settings_of(given), sink_of(given)}};
    };
    return guarded_with(error, open, engine);
}

void brig_engine_close(brig_engine* engine) {
    delete engine;
}

brig_error_code brig_recover(brig_engine* engine,
                             size_t* undone,
                             size_t* failures,
                             brig_error* error) {
    const auto recover = [&] {
        std::size_t done = 0;
        std::size_t failed = 0;
        for (const RecoveryReport::Item& item : engine->engine.recover().items) {
            done += item.undone.size() + item.finished.size();
            failed += item.failures.size();
        }
        if (undone != nullptr) {
            *undone = done;
        }
        if (failures != nullptr) {
            *failures = failed;
        }
    };
    return guarded_with(error, recover, engine);
}
