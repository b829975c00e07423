// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

namespace brig {

/// The two ends of a pipe, close-on-exec.
struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

[[nodiscard]] Pipe make_pipe();

}  // namespace brig
