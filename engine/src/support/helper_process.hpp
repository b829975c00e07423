// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/pipe.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// A pipe whose ends are never 0, 1 or 2, even if the caller's are closed.
[[nodiscard]] Pipe make_pipe_above_standard();

/// A copy of `fd` above the standard ones, close-on-exec. `attempt` says what for.
[[nodiscard]] UniqueFd copy_above_standard(int fd, const char* attempt);

/// What a helper gets. What is -1 becomes /dev/null; beyond these it may inherit what the caller
/// has not marked as close-on-exec, and closes that first.
struct HelperIo {
    int in = -1;
    int out = -1;
    int status = -1;  ///< becomes the helper's descriptor 3 and its standard error
    int more = -1;    ///< becomes its descriptor 4
    int lock = -1;    ///< becomes its descriptor 5: held for as long as it lives
};

/// The number under which a helper finds HelperIo::status.
constexpr int kHelperStatusFd = 3;

/// And HelperIo::more.
constexpr int kHelperMoreFd = 4;

/// And HelperIo::lock.
constexpr int kHelperLockFd = 5;

/// One of brig's helper programs, running. It is ended and reaped at the latest by the destructor.
///
/// Helpers hold nothing that they would have to release, so they are ended with SIGKILL. They are
/// in a process group of their own: a Ctrl-C on the terminal reaches the caller alone.
class HelperProcess {
  public:
    /// Starts `program` with nothing in its environment but `variables`. Descriptors of `io` are
    /// borrowed for the call.
    /// @throws Error{system} when it cannot be started.
    HelperProcess(const std::filesystem::path& program,
                  const std::vector<std::string>& arguments,
                  const HelperIo& io,
                  std::vector<std::string> variables = {});
    HelperProcess(const HelperProcess&) = delete;
    HelperProcess& operator=(const HelperProcess&) = delete;
    HelperProcess(HelperProcess&&) = delete;
    HelperProcess& operator=(HelperProcess&&) = delete;
    ~HelperProcess();

    /// Waits for its end and returns the status of waitpid(2); nothing when the embedding program
    /// reaps all children itself.
    std::optional<int> wait();

    /// Asks it to end, with SIGTERM, where SIGKILL would keep it from what it has to do first.
    void ask_to_end() const noexcept;

    /// Leaves it alone: after fork(2) it is the other process's.
    void disown() noexcept { pid_ = -1; }

  private:
    pid_t pid_ = -1;
};

}  // namespace brig
