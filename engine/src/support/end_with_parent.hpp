// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

namespace brig {

/// From now on this process gets SIGKILL when `parent`, which has started it, ends; if it has ended
/// already, this does not return. Execve(2) keeps that; fork(2) and another user do not.
///
/// `parent` has to be told by the parent itself: getppid(2) names another process once it is gone.
/// @throws Error{system}
void end_with_parent(pid_t parent);

}  // namespace brig
