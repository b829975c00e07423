// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "launch.hpp"

namespace brig {

/// Starts a container under a supervisor: a process in a session of its own, forked off here, that
/// starts it, keeps its log and exit status, and tears it down when it has ended. Returns when its
/// command runs.
///
/// Forks without execve(2): call from a process with one thread. The database is closed first,
/// since a connection must not cross a fork; both sides open it again when they need it.
///
/// @throws what starting threw, as it happened in the supervisor.
void start_supervised(Context& context, const Launch& launch);

}  // namespace brig
