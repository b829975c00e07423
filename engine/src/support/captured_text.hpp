// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <cstddef>
#include <string>

namespace brig {

/// What another process writes into a pipe, of which we have the end to read from.
class CapturedText {
  public:
    /// @param limit how much is kept at the most; what is beyond is counted
    CapturedText(UniqueFd fd, std::size_t limit);

    /// -1 once the writers are gone and all is read.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Reads what is there, without waiting; at most as much as a pipe may hold, so that a process
    /// that never stops writing keeps nobody.
    void drain();

    /// Of all that was written.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// What was kept since the last time.
    [[nodiscard]] std::string take() noexcept;

  private:
    UniqueFd fd_;
    std::size_t limit_;
    std::size_t size_ = 0;
    std::string text_;
};

}  // namespace brig
