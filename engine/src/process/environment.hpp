// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"
#include "support/findings.hpp"

#include <string>
#include <vector>

namespace brig {

/// Adds `assignments` ("NAME=value") to `environment`; a later value of a name replaces an earlier
/// one in place.
void add_variables(std::vector<std::string>& environment,
                   const std::vector<std::string>& assignments);

/// The environment of this program.
[[nodiscard]] std::vector<std::string> own_environment();

/// What exec.clean leaves: PATH, and TERM of the caller. See jail(8).
[[nodiscard]] std::vector<std::string> clean_environment();

/// HOME, SHELL and USER.
[[nodiscard]] std::vector<std::string> user_variables(const Credentials& credentials);

/// What hooks on the host get besides: JID (once there is one), JNAME, JPATH.
[[nodiscard]] std::vector<std::string> hook_variables(const std::string& name,
                                                      const std::string& path,
                                                      std::optional<JailId> jail);

/// A text that is not NAME=value becomes a finding.
void check_variable(const std::string& text, Findings& findings);

}  // namespace brig
