// SPDX-License-Identifier: BSD-2-Clause
#include "brig/settings.hpp"
#include "spec/names.hpp"
#include "support/check.hpp"
#include "support/platform.hpp"
#include "support/trusted_file.hpp"

namespace brig {

namespace {

namespace fs = std::filesystem;

/// The command line's word, or else the environment's.
std::optional<fs::path> either(const std::optional<fs::path>& said, const char* variable) {
    if (said) {
        return said;
    }
    return trusted_environment(variable);
}

}  // namespace

Settings load_settings(const SettingsOverrides& overrides) {
    SettingsOverrides merged;
    merged.config = either(overrides.config, "BRIG_CONFIG");
    merged.state = either(overrides.state, "BRIG_STATE");
    merged.run = either(overrides.run, "BRIG_RUN");

    const fs::path file = merged.config.value_or(platform_paths().config);
    // Hooks written in it run on the host with brig's privileges.
    const std::string what = "the configuration file " + quoted_for_message(file.native());
    const std::optional<std::string> text = read_trusted_file(file, what);
    if (!text && merged.config) {
        throw Error{ErrorCode::invalid_config, what + " does not exist"}.with_hint(
            "check --config and BRIG_CONFIG");
    }
    return parse_settings(text.value_or(""), file.string(), merged);
}

std::vector<ConfiguredContainer> load_containers(const fs::path& file) {
    const std::string what = "the file " + quoted_for_message(file.native());
    const std::optional<std::string> text = read_trusted_file(file, what);
    if (!text) {
        throw Error{ErrorCode::invalid_config, what + " does not exist"};
    }
    return parse_containers(*text, file.string());
}

}  // namespace brig
