// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

#include <chrono>
#include <functional>

namespace brig {

/// Waits until `process` has ended, at most `timeout`. False when it has not.
[[nodiscard]] bool wait_for_exit(const Process& process, std::chrono::milliseconds timeout);

/// Asks `condition` again and again, ever more rarely, until it holds or `timeout` has passed.
/// For what the kernel offers no event.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                              std::chrono::milliseconds timeout);

}  // namespace brig
