// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "launch.hpp"
#include "support/unique_resource.hpp"

namespace brig {

/// A container that is being started under a supervisor: a process in a session of its own, forked
/// off here, that starts it, keeps its log and exit status, and tears it down when it has ended.
class SupervisedStart {
  public:
    /// Forks without execve(2): call from a process with one thread. The database is closed first,
    /// since a connection must not cross a fork; both sides open it again when they need it.
    SupervisedStart(Context& context, const Launch& launch);

    /// Becomes readable when `wait` need not wait; for poll(2).
    [[nodiscard]] int fd() const noexcept { return report_.get(); }

    /// Returns when the container's command runs.
    /// @throws what starting threw, as it happened in the supervisor.
    void wait();

  private:
    UniqueFd report_;
};

/// The whole of it, for one container.
void start_supervised(Context& context, const Launch& launch);

}  // namespace brig
