// SPDX-License-Identifier: BSD-2-Clause
#include "brig/container.hpp"

namespace brig {

std::string_view to_string(ContainerState state) noexcept {
    switch (state) {
        case ContainerState::created:
            return "created";
        case ContainerState::running:
            return "running";
        case ContainerState::restarting:
            return "restarting";
        case ContainerState::stopped:
            return "stopped";
        case ContainerState::needs_attention:
            break;
    }
    return "needs attention";
}

bool is_up(const ContainerInfo& container) noexcept {
    return container.state == ContainerState::running
           || container.state == ContainerState::restarting;
}

bool starts_at_boot(const ContainerInfo& container) noexcept {
    using Kind = RestartPolicy::Kind;
    return container.restart.kind == Kind::always
           || (container.restart.kind == Kind::unless_stopped && !container.stopped_by_user);
}

}  // namespace brig
