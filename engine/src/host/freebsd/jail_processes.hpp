// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <vector>

namespace brig::freebsd {

/// What the first thread of a process of ours is called that looks into a jail for a moment. (One
/// of the jail's own that calls itself so is ended with the jail.)
inline constexpr const char* kVisitorName = "brig-visitor";

enum class Visitors {
    included,
    left_out,
};

/// The processes in any of the jails with these ids. Zombies do not count: they hold nothing but
/// their exit status.
[[nodiscard]] std::vector<pid_t> processes_in(const std::vector<int>& jails,
                                              Visitors visitors = Visitors::included);

}  // namespace brig::freebsd
