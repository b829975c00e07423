// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"
#include "support/unique_resource.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

namespace brig::host_linux {

/// The first process of a jail, as the one who started it holds it.
struct InitProcess {
    pid_t pid = -1;
    UniqueFd pidfd;
    UniqueFd lifeline;  ///< when the last copy of this is closed, the jail ends
    /// Init has said that nothing but itself runs in the jail. Shared with who waits for that.
    std::shared_ptr<bool> is_empty = std::make_shared<bool>(false);
};

/// Starts `program` (brig-init) in a new pid namespace, where it waits for what to build. `name`
/// shows in ps(1). It, and so all of the jail, is in the control group `cgroup` unless that is -1.
/// @throws Error that names the step that failed.
[[nodiscard]] InitProcess start_init(const std::filesystem::path& program,
                                     const std::string& name,
                                     int cgroup = -1);

/// Has `init` build a jail as `request` says. It listens on the control socket in `request.folder`
/// when this returns.
/// @throws Error that names the step that failed, with nothing left behind.
[[nodiscard]] InitProcess build_jail(InitProcess init, const JailRequest& request);

/// Kills the process and waits until it and everything in its pid namespace is gone.
void end_process(int pidfd);

}  // namespace brig::host_linux
