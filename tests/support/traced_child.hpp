// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <functional>
#include <set>

namespace brig::test {

/// A child that does something and is stopped before and after each of its system calls.
class TracedChild {
  public:
    /// It exits with 0 when `operation` returns.
    explicit TracedChild(const std::function<void()>& operation);
    TracedChild(const TracedChild&) = delete;
    TracedChild& operator=(const TracedChild&) = delete;
    TracedChild(TracedChild&&) = delete;
    TracedChild& operator=(TracedChild&&) = delete;
    ~TracedChild();  ///< kills it if it lives

    /// Lets it run until the `number`-th, from 0, of those system calls is about to be made. False
    /// if it ended before.
    bool run_to_call(int number, const std::set<long>& calls);

    /// Lets the `number`-th, from 0, of those system calls fail with `error_number` instead of
    /// being made. False if it ended before. Only where can_fail_calls().
    bool fail_call(int number, const std::set<long>& calls, int error_number);

    /// On this processor.
    [[nodiscard]] static bool can_fail_calls();

    void kill();

    /// Lets it end, and returns its wait status.
    int go_on();

  private:
    /// To the next stop.
    void step();

    pid_t pid_;
    int status_ = 0;
    bool in_call_ = false;
};

}  // namespace brig::test
