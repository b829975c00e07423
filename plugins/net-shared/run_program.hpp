// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <string>
#include <vector>

namespace brig::net {

/// Runs a program through the engine, feeds `input` to it and waits for it, however it ends. Unlike
/// Call::run() with output of any length, which goes through a file in memory.
/// @throws Error{BRIG_UNAVAILABLE} there is no such program; `hint` says what to install
[[nodiscard]] sdk::Finished run_program(const sdk::Call& call,
                                        const std::vector<std::string>& argv,
                                        const std::string& input,
                                        const std::string& hint);

}  // namespace brig::net
