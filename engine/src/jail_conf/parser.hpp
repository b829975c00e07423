// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "jail_conf/document.hpp"
#include "jail_conf/files.hpp"
#include "support/findings.hpp"

#include <string>

namespace brig::jail_conf {

/// Reads `file` and all that it includes. Everything that is wrong becomes a finding with
/// file:line:column, and what can be read besides is read, so that all is found at once.
///
/// Bounded by the limits in document.hpp whatever the files hold; does not recurse but for
/// `.include`.
[[nodiscard]] Document parse(const std::string& file, Files& files, Findings& findings);

}  // namespace brig::jail_conf
