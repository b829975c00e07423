// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <filesystem>
#include <string>

/// The control group (cgroups(7), version 2) of a jail whose addresses are restricted: its
/// processes are in it from their first instruction, and the programs on it see what their sockets
/// do. Nothing else hangs on it; no controller is turned on.
///
/// It is made below the group that brig is in, as `brig/NAME`, so that whatever limits brig limits
/// the jail. A symbolic link in the container's run folder says where, from before it is made until
/// it is gone.
namespace brig::host_linux {

/// Makes the group and returns its directory.
/// @throws Error that says what is missing.
[[nodiscard]] UniqueFd make_jail_cgroup(const std::string& name,
                                        const std::filesystem::path& folder);

/// The directory of the group that was made for the container; empty when none was.
[[nodiscard]] UniqueFd open_jail_cgroup(const std::filesystem::path& folder);

/// Removes the group, and the one above it when it was the last. Waits for processes that have not
/// quite ended. None there is fine.
void remove_jail_cgroup(const std::filesystem::path& folder);

}  // namespace brig::host_linux
