// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "context.hpp"
#include "start/verbs.hpp"

#include <string>

namespace brig {

/// Starts a command in a running container, under its parameters: exec.jail_user unless the spec
/// names a user, exec.clean, exec.system_jail_user, exec.fib.
/// @throws Error{conflict} when it does not run.
[[nodiscard]] Command exec(Context& context,
                           const std::string& id,
                           const ExecSpec& spec,
                           const SessionIo& io);

}  // namespace brig
