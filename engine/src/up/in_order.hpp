// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// Work on one container that another process does.
class Job {
  public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    Job(Job&&) = delete;
    Job& operator=(Job&&) = delete;
    virtual ~Job() = default;

    /// Becomes readable when `wait` need not wait; for poll(2).
    [[nodiscard]] virtual int fd() const = 0;

    /// @throws Error when the work failed.
    virtual void wait() = 0;
};

/// A container to work on.
struct Task {
    std::string name;
    std::vector<std::size_t> needs;  ///< indices of the tasks that must be done before; no loops

    /// Begins the work; nullptr when it is done already.
    std::function<std::unique_ptr<Job>()> begin;
};

/// Carries out `tasks`, each as soon as those that it needs are done, and so at the same time where
/// they are independent. The failure of one keeps only those from their work that need it. Returns
/// one entry a task: nothing, or why it was not done.
[[nodiscard]] std::vector<std::optional<Error>> carry_out_in_order(const std::vector<Task>& tasks);

}  // namespace brig
