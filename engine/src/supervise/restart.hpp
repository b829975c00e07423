// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/spec.hpp"

#include <chrono>
#include <optional>

namespace brig {

/// How a run came to its end by itself.
struct RunEnd {
    bool failed = false;  ///< a status other than 0, a signal, or it could not even be started
    std::chrono::milliseconds ran_for{0};
};

/// When a container is started again. The first pause is 100 ms, each further one twice the one
/// before, up to a minute; a run of 10 s or more ends the row, and with it what on-failure:N
/// counts.
class Restarts {
  public:
    void ended(const RunEnd& end);
    void started();

    /// How long to wait before the next start; nothing: `policy` does not ask for one.
    [[nodiscard]] std::optional<std::chrono::milliseconds> pause(const RestartPolicy& policy) const;

    /// Of this supervisor, all in all.
    [[nodiscard]] unsigned count() const noexcept { return count_; }

  private:
    RunEnd end_;
    unsigned in_a_row_ = 0;
    unsigned count_ = 0;
};

}  // namespace brig
