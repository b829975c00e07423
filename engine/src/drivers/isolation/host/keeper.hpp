// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <functional>

namespace brig::isolation {

/// Runs `work` in a child process and waits for its end, for that of `engine`, or for SIGTERM. Then
/// the child and everything that came from it is killed, however it has cut itself loose, and only
/// then does this return: what the driver was doing has stopped.
///
/// @param engine the parent of this process
/// @return what `work` returned; 128 + n when signal n ended it
[[nodiscard]] int run_kept(pid_t engine, const std::function<int()>& work);

// What each system does in its own way.

/// From now on the children of descendants that end are this process's.
void adopt_orphans();

/// Returns when one of the two processes has ended, or this one got SIGTERM, which is blocked.
void wait_for_end(pid_t engine, pid_t worker);

/// Sends SIGKILL to the children of this process, adopted ones as well.
void kill_children();

}  // namespace brig::isolation
