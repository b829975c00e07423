// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// See Host::mount. The path it gives is the one the kernel keeps (statfs(2), f_mntonname).
std::filesystem::path mount(const std::filesystem::path& root,
                            const Mount& mount,
                            const std::function<void(const std::filesystem::path&)>& before);

/// See Host::unmount. Never forced: what is in use is an error that says so.
void unmount(const std::filesystem::path& target);

/// Unmounts everything below `root`, by force: what a jail mounted in its root and left there.
/// `root` itself stays mounted.
void unmount_all_below(const std::filesystem::path& root);

}  // namespace brig::freebsd
