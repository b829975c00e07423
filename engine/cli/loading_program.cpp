// SPDX-License-Identifier: BSD-2-Clause
#include "loading_program.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace brig::cli {

#ifdef BRIG_LOADS_DRIVERS

void become_loading_program(const Settings& /*settings*/, const GlobalOptions& /*globals*/) {}

bool needs_loading_program(const Settings& /*settings*/) {
    return false;
}

#else

namespace {

/// Whether the driver of one of `instances` is to be loaded into this process.
bool has_driver_to_load(const Settings& settings, const std::vector<InstanceSettings>& instances) {
    const auto& own = settings.embedded_drivers;
    return std::any_of(instances.begin(), instances.end(), [&](const InstanceSettings& instance) {
        return isolation_of(settings.drivers, instance.driver) == Isolation::in_process
               && std::none_of(own.begin(), own.end(), [&](const EmbeddedDriver& driver) {
                      return driver.name == instance.driver;
                  });
    });
}

}  // namespace

bool needs_loading_program(const Settings& settings) {
    return has_driver_to_load(settings, settings.storages)
           || has_driver_to_load(settings, settings.networks);
}

void become_loading_program(const Settings& settings, const GlobalOptions& globals) {
    const std::string program = settings.libexec / "brig";
    std::vector<char*> words;
    words.reserve(globals.command_line.size() + 1);
    for (const std::string& word : globals.command_line) {
        words.push_back(const_cast<char*>(word.c_str()));  // execv(3) does not write to them
    }
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    const std::error_code reason{errno, std::generic_category()};
    throw Error{ErrorCode::system,
                "start '" + program + "', the brig that loads drivers: " + reason.message(),
                reason}
        .with_hint("install brig again");
}

#endif

}  // namespace brig::cli
