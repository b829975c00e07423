// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/status.hpp"

#include <string>

namespace brig::archive {

/// Tells the SHA-256 of standard input, as the fact "digest". Confines this process to `directory`
/// first.
void digest(const std::string& directory, Status& status);

}  // namespace brig::archive
