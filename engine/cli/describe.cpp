// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"

#include <fmt/core.h>

namespace brig::cli {

namespace {

const char* name_of(ParamType type) {
    switch (type) {
        case ParamType::boolean:
            return "boolean";
        case ParamType::integer:
            return "integer";
        case ParamType::ulong:
            return "unsigned";
        case ParamType::string:
            return "string";
        case ParamType::jailsys:
            return "jailsys";
        case ParamType::ip4_list:
            return "IPv4 addresses";
        case ParamType::ip6_list:
            return "IPv6 addresses";
        case ParamType::string_list:
            return "list";
        case ParamType::key_value:
            break;
    }
    return "key=value";
}

const char* name_of(ParamAccess access) {
    switch (access) {
        case ParamAccess::read_write:
            return "read_write";
        case ParamAccess::create_only:
            return "create_only";
        case ParamAccess::read_only:
            return "read_only";
        case ParamAccess::reserved:
            break;
    }
    return "reserved";
}

/// What a jailsys parameter may be.
std::vector<std::string> choices_of(const ParamInfo& param) {
    std::vector<std::string> choices{"new", "inherit"};
    if (param.can_disable) {
        choices.insert(choices.begin(), "disable");
    }
    return choices;
}

/// " 0 to 2", ", at least 1", or nothing.
std::string describe_range(const ParamInfo& param) {
    if (param.min && param.max) {
        return fmt::format(" {} to {}", *param.min, *param.max);
    }
    if (param.min) {
        return fmt::format(", at least {}", *param.min);
    }
    return param.max ? fmt::format(", at most {}", *param.max) : "";
}

}  // namespace

const char* effect_of(Enforcement enforcement) {
    switch (enforcement) {
        case Enforcement::enforced:
            return "enforced";
        case Enforcement::recorded:
            return "recorded";
        case Enforcement::refused:
            break;
    }
    return "refused";
}

const char* describe_time(ChangeTime time) {
    switch (time) {
        case ChangeTime::now:
            return "now";
        case ChangeTime::next_start:
            return "at the next start";
        case ChangeTime::never:
            break;
    }
    return "never";
}

std::string describe_values(const Change::Values& values) {
    std::string text;
    for (const std::string& value : values.value_or(std::vector<std::string>{})) {
        text += (text.empty() ? "" : ", ") + value;
    }
    return text.empty() ? "-" : text;
}

std::string describe_type(const ParamInfo& param) {
    if (param.type == ParamType::jailsys) {
        std::string text;
        for (const std::string& choice : choices_of(param)) {
            text += (text.empty() ? "" : "|") + choice;
        }
        return text;
    }
    if (param.max_length > 0) {
        return fmt::format("{}, {} bytes", name_of(param.type), param.max_length - 1);
    }
    return name_of(param.type) + describe_range(param);
}

namespace {

void add_values(Json& json, std::string_view name, const Change::Values& values) {
    if (values) {
        json.add(name, *values);
    } else {
        json.add_null(name);
    }
}

}  // namespace

Json to_json(const Change& change) {
    Json json = Json::object();
    if (change.is_variable) {
        json.add("variable", change.name);
    } else {
        json.add(change.is_setting ? "setting" : "parameter", change.name);
        add_values(json, "old", change.old_values);
        add_values(json, "new", change.new_values);
    }
    return json.add("when", describe_time(change.when)).add("reason", change.reason);
}

Json to_json(const ParamInfo& param) {
    Json json = Json::object();
    json.add("name", param.name).add("type", name_of(param.type));
    if (param.type == ParamType::jailsys) {
        json.add("choices", choices_of(param));
    }
    if (param.min) {
        json.add("min", *param.min);
    }
    if (param.max) {
        json.add("max", *param.max);
    }
    if (param.max_length > 0) {
        json.add("max_bytes", static_cast<long long>(param.max_length) - 1);
    }
    return json.add("default", param.default_value)
        .add("origin", param.origin)
        .add("access", name_of(param.access))
        .add("effect", effect_of(param.enforcement))
        .add("performer", param.performer == ParamPerformer::engine ? "brig" : "kernel")
        .add("manual", param.manual)
        .add("since", param.since)
        .add("summary", param.summary);
}

std::string describe_state(const ContainerInfo& container) {
    std::string state{to_string(container.state)};
    if (container.state != ContainerState::stopped
        && container.state != ContainerState::restarting) {
        return state;
    }
    if (!container.exit) {
        return state + " (killed)";
    }
    return container.exit->signal != 0
               ? fmt::format("{} (signal {})", state, container.exit->signal)
               : fmt::format("{} ({})", state, container.exit->code);
}

Json to_json(const AttachmentInfo& attachment) {
    Json json = Json::object();
    json.add("network", attachment.network);
    for (const auto& [key, value] : {std::pair{"ip4", &attachment.ip4},
                                     std::pair{"ip6", &attachment.ip6},
                                     std::pair{"mac", &attachment.mac},
                                     std::pair{"interface", &attachment.interface}}) {
        if (!value->empty()) {
            json.add(key, *value);
        }
    }
    return json.add("published", attachment.published);
}

Json to_json(const std::vector<AttachmentInfo>& attachments) {
    Json list = Json::array();
    for (const AttachmentInfo& attachment : attachments) {
        list.add(to_json(attachment));
    }
    return list;
}

Json to_json(const ContainerInfo& container) {
    Json json = Json::object();
    json.add("id", container.id)
        .add("name", container.name)
        .add("image", container.image)
        .add("state", to_string(container.state))
        .add("command", container.command)
        .add("networks", container.networks)
        .add("attachments", to_json(container.attachments))
        .add("ephemeral", container.ephemeral)
        .add("restart", to_string(container.restart))
        .add("restarts", static_cast<long long>(container.restarts))
        .add("created", format_time(container.created));
    if (container.started) {
        json.add("started", format_time(*container.started));
    }
    if (container.finished) {
        json.add("finished", format_time(*container.finished));
    }
    if (container.jail) {
        json.add("jid", static_cast<long long>(*container.jail));
    }
    if (container.pid) {
        json.add("pid", static_cast<long long>(*container.pid));
    }
    if (!container.root.empty()) {
        json.add("root", container.root);
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
