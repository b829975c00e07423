// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"

namespace brig::cli {

/// The command as it is started is linked statically where that can be had: it is there in half the
/// time, but cannot load shared objects. Where the configuration names a driver that is not part of
/// it, or the command asks every driver there is, the same command, linked dynamically
/// (libexec/brig/brig), takes its place here, before anything is touched.
///
/// @throws Error{system} when that program cannot be started.
void become_loading_program_if_needed(const Settings& settings, const GlobalOptions& globals);

}  // namespace brig::cli
