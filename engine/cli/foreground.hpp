// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"

#include <functional>
#include <memory>

namespace brig::cli {

/// Remembers signals that ask the program to stop from its construction on; one at a time.
/// Before a session runs they are kept for it; an import asks `interrupted`.
class SignalCatcher {
  public:
    SignalCatcher();
    SignalCatcher(const SignalCatcher&) = delete;
    SignalCatcher& operator=(const SignalCatcher&) = delete;
    SignalCatcher(SignalCatcher&&) = delete;
    SignalCatcher& operator=(SignalCatcher&&) = delete;
    ~SignalCatcher();

    /// Becomes readable when a signal arrived.
    [[nodiscard]] static int fd() noexcept;

    /// The next signal that arrived, or 0.
    [[nodiscard]] static int take() noexcept;

    /// True when SIGINT, SIGTERM or SIGHUP arrived and was not taken.
    [[nodiscard]] static bool interrupted() noexcept;

    /// The last of those signals, or 0.
    [[nodiscard]] static int interruption() noexcept;
};

/// The descriptors that a session of this program gets.
[[nodiscard]] SessionIo own_io();

/// Follows a session to its end: passes on signals, and for one with a terminal everything typed,
/// with our own terminal in raw mode and its size followed. Returns the shell status of its
/// process. The terminal is as before when this returns or throws.
int follow(const std::function<std::unique_ptr<Session>()>& start);

}  // namespace brig::cli
