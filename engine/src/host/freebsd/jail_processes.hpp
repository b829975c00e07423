// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <vector>

namespace brig::freebsd {

/// The processes in any of the jails with these ids. Zombies do not count: they hold nothing but
/// their exit status.
[[nodiscard]] std::vector<pid_t> processes_in(const std::vector<int>& jails);

}  // namespace brig::freebsd
