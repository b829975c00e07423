// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// A pseudo-terminal of the host. devfs(5) hides it from every jail but from the session whose
/// controlling terminal it is.
[[nodiscard]] Terminal open_terminal();

}  // namespace brig::freebsd
