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

/// What a process in a jail starts with, before the image's and the user's variables. With `clean`
/// (exec.clean): HOME, SHELL, USER of the user, TERM of the caller, PATH; otherwise the caller's
/// own environment. See jail(8), exec.clean.
[[nodiscard]] std::vector<std::string> base_environment(const Credentials& credentials, bool clean);

/// What a hook on the host gets: the caller's environment, and JID (once there is one), JNAME,
/// JPATH.
[[nodiscard]] std::vector<std::string> hook_environment(const std::string& name,
                                                        const std::string& path,
                                                        std::optional<JailId> jail);

/// A text that is not NAME=value becomes a finding.
void check_variable(const std::string& text, Findings& findings);

}  // namespace brig
