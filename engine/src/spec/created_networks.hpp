// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/network.hpp"
#include "brig/settings.hpp"
#include "support/findings.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Networks that were created, `networks/NAME.toml` in the state directory: a table [network.NAME]
/// each, as one would write it in the configuration. Files, since every start of brig reads them,
/// before it knows which driver is needed.
namespace brig {

/// All of them, by name. What is wrong with one is added to `findings`.
[[nodiscard]] std::vector<InstanceSettings> read_created_networks(
    const std::filesystem::path& state, Findings& findings);

[[nodiscard]] std::filesystem::path created_network_file(const std::filesystem::path& state,
                                                         const std::string& name);

/// The type (BRIG_T_…) of an option of a network; nothing if it has none of that name.
using OptionTypes = std::function<std::optional<std::uint32_t>(const std::string& key)>;

/// What the file of a network says. The options of `spec` are "KEY=VALUE"; of a list every value is
/// an option of its own, or all of them stand in one with commas between. What has no type is
/// written as a text.
[[nodiscard]] std::string format_created_network(const NetworkSpec& spec, const OptionTypes& types);

/// The same as it will be read.
[[nodiscard]] InstanceSettings parse_created_network(const std::string& text,
                                                     const std::string& file,
                                                     Findings& findings);

}  // namespace brig
