// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"

namespace brig::cli {

/// One line that is written again and again, on a terminal only, and gone in the end.
class ProgressLine {
  public:
    ProgressLine() = default;
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ProgressLine(ProgressLine&&) = delete;
    ProgressLine& operator=(ProgressLine&&) = delete;
    ~ProgressLine();

    void show(const ImportProgress& progress);

  private:
    bool shown_ = false;
};

}  // namespace brig::cli
