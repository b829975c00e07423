// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace brig {

/// This host's, as OCI spells it: "linux/amd64".
[[nodiscard]] std::string host_platform();

/// Those whose images can be used here, the best first: FreeBSD runs programs of Linux, and a root
/// of FreeBSD is worth having on Linux, as it is when brig is tried out there.
[[nodiscard]] std::vector<std::string> usable_platforms();

}  // namespace brig
