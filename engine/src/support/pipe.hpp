// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace brig {

/// Both ends of a pipe(2), close-on-exec.
struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

[[nodiscard]] inline Pipe make_pipe() {
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

}  // namespace brig
