// SPDX-License-Identifier: BSD-2-Clause
#include "support/pipe.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace brig {

Pipe make_pipe() {
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

}  // namespace brig
