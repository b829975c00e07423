// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"

#include <fmt/core.h>

namespace brig::cli {

std::string describe_state(const ContainerInfo& container) {
    if (container.state != ContainerState::stopped) {
        return std::string{to_string(container.state)};
    }
    if (!container.exit) {
        return "stopped (killed)";
    }
    return container.exit->signal != 0 ? fmt::format("stopped (signal {})", container.exit->signal)
                                       : fmt::format("stopped ({})", container.exit->code);
}

Json to_json(const ContainerInfo& container) {
    Json json = Json::object();
    json.add("id", container.id)
        .add("name", container.name)
        .add("image", container.image)
        .add("state", to_string(container.state))
        .add("command", container.command)
        .add("networks", container.networks)
        .add("ephemeral", container.ephemeral)
        .add("created", format_time(container.created));
    if (container.started) {
        json.add("started", format_time(*container.started));
    }
    if (container.finished) {
        json.add("finished", format_time(*container.finished));
    }
    if (container.jail) {
        json.add("jid", static_cast<long long>(*container.jail)).add("root", container.root);
    }
    if (container.exit) {
        json.add("exit_status", static_cast<long long>(container.exit->shell_status()));
    } else {
        json.add_null("exit_status");
    }
    Json params = Json::object();
    for (const Param& param : container.params) {
        params.add(
            param.name,
            Json::object().add("values", param.values).add("origin", param.origin.to_string()));
    }
    return json.add("params", params);
}

}  // namespace brig::cli
