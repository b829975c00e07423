// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// What becomes of a process when the last descriptor of it is closed, and so when its parent
/// dies. See pdfork(2).
enum class Orphan {
    dies,  ///< the kernel kills it: a container's command does not outlive its brig
    lives  ///< PD_DAEMON: a hook may leave a program in the background
};

/// A child made by pdfork(2).
class SpawnedProcess final : public Process {
  public:
    /// `descriptor` is the one pdfork(2) gave.
    SpawnedProcess(pid_t pid, UniqueFd descriptor, Orphan orphan);
    SpawnedProcess(const SpawnedProcess&) = delete;
    SpawnedProcess& operator=(const SpawnedProcess&) = delete;
    SpawnedProcess(SpawnedProcess&&) = delete;
    SpawnedProcess& operator=(SpawnedProcess&&) = delete;
    ~SpawnedProcess() override;

    [[nodiscard]] pid_t pid() const noexcept override { return pid_; }

    [[nodiscard]] int exit_fd() const noexcept override { return exit_queue_.get(); }

    void signal(int number) override;
    void signal_group(int number) override;
    ExitStatus wait() override;

  private:
    pid_t pid_;
    UniqueFd descriptor_;
    UniqueFd exit_queue_;  ///< a kqueue: a process descriptor itself never reads as POLLIN
    Orphan orphan_;
    std::optional<ExitStatus> status_;
};

}  // namespace brig::freebsd
