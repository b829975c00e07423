// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"
#include "spec/toml.hpp"
#include "spec/toml_reader.hpp"
#include "support/findings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace brig {

/// What a configuration file says, before defaults and overrides.
struct WrittenSettings {
    std::optional<WrittenText> state, run, logs, default_storage, default_network;
    std::vector<WrittenText> driver_dirs;
    DriverTermsMap drivers;
    std::vector<InstanceSettings> storages;
    std::vector<InstanceSettings> networks;
    std::vector<DefaultParam> default_params;
    std::vector<ConfiguredContainer> containers;
};

/// Takes the settings out of `document`. Unknown keys and wrong types become findings.
[[nodiscard]] WrittenSettings read_settings(const TomlTable& document, Findings& findings);

}  // namespace brig
