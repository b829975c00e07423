// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"
#include "spec/toml_reader.hpp"
#include "support/findings.hpp"

#include <vector>

namespace brig {

/// Takes the containers out of the table `container`. Unknown keys, wrong types, and what this
/// version of brig cannot do become findings.
[[nodiscard]] std::vector<ConfiguredContainer> read_containers(const TomlEntry& entry,
                                                               Findings& findings);

}  // namespace brig
