// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"
#include "support/unique_resource.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace brig::host_linux {

/// The first process of a jail, as the one who started it holds it.
struct InitProcess {
    pid_t pid = -1;
    UniqueFd pidfd;
    UniqueFd lifeline;  ///< when the last copy of this is closed, the jail ends
};

/// Builds a jail as `request` says by starting `program` (brig-init) in new namespaces. It listens
/// on the control socket in `request.folder` when this returns.
/// @throws Error that names the step that failed, with nothing left behind.
[[nodiscard]] InitProcess launch_init(const std::filesystem::path& program,
                                      const JailRequest& request);

/// Kills the process and waits until it and everything in its pid namespace is gone.
void end_process(int pidfd);

}  // namespace brig::host_linux
