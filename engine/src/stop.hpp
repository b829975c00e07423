// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "context.hpp"

#include <string>

namespace brig {

/// Stops a container that another process is responsible for. Stopped already is fine.
///
/// The hooks and SIGTERM come from here; when its command has ended, the container's owner tears it
/// down, and this waits for that. If the owner is dead, this process takes its place.
void stop(Context& context, const std::string& id, const StopOptions& options);

/// Sends a signal to the container's command; SIGKILL and SIGTERM count as stopping it. @throws
/// Error{conflict} when it does not run.
void kill(Context& context, const std::string& id, int signal);

/// Waits until the container does not run: for the end of its current run, or of the next one when
/// it waits to be started again. @returns its last exit status.
/// @throws Error{conflict} when it never ran, or when its owner died without leaving a status.
ExitStatus wait(Context& context, const std::string& id);

}  // namespace brig
