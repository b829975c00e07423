// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"

#include <sys/types.h>

#include <array>

namespace brig {

/// The descriptors of a session, which its caller may close while it goes on: a pipe's reader sees
/// the end only when we hold none of it. Their numbers may mean something else then.
class BorrowedIo {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): it is the same thing
    BorrowedIo(const SessionIo& io);

    /// Those that are still what they were; -1 for the others.
    [[nodiscard]] SessionIo still_open() const;

  private:
    struct Place {
        int fd = -1;
        dev_t device = 0;
        ino_t inode = 0;
    };

    [[nodiscard]] static Place look_at(int fd);
    [[nodiscard]] static int still_open(const Place& place);

    std::array<Place, 3> places_;
};

}  // namespace brig
