// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"

namespace brig::cli {

/// The command as it is started is linked statically where that can be had: it is there in half the
/// time, but cannot load shared objects. Where that is to be done, the same command, linked
/// dynamically (libexec/brig/brig), takes its place here, before anything is touched.
///
/// Does nothing in a program that loads drivers.
/// @throws Error{system} when that program cannot be started.
void become_loading_program(const Settings& settings, const GlobalOptions& globals);

/// Whether the configuration names a driver that this program would have to load, and cannot.
[[nodiscard]] bool needs_loading_program(const Settings& settings);

}  // namespace brig::cli
