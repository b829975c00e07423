// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace brig::conformance {

/// What a driver has to leave as it is in its process, by name: "umask", "descriptor 3", …
using ProcessState = std::map<std::string, std::string>;

[[nodiscard]] ProcessState look_at_process();

/// @throws Failure that names what is another now
void expect_same_process(const ProcessState& before,
                         const ProcessState& now,
                         std::string_view what);

}  // namespace brig::conformance
