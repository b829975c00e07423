// SPDX-License-Identifier: BSD-2-Clause
#include "brig/container.hpp"

namespace brig {

std::string_view to_string(ContainerState state) noexcept {
    switch (state) {
        case ContainerState::created:
            return "created";
        case ContainerState::running:
            return "running";
        case ContainerState::stopped:
            return "stopped";
        case ContainerState::needs_attention:
            break;
    }
    return "needs attention";
}

}  // namespace brig
