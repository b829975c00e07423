// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <iostream>

namespace brig::cli {

namespace {

/// The members that format_toml() writes, and the parameters that result.
Json to_json(const ContainerDefinition& container) {
    const ContainerSpec& spec = container.spec;
    Json params = Json::array();
    for (const Param& param : container.params) {
        params.add(Json::object()
                       .add("name", param.name)
                       .add("values", param.values)
                       .add("origin", param.origin.to_string()));
    }
    Json json = Json::object();
    json.add("name", spec.name).add("image", spec.image).add("root", spec.root);
    if (spec.user) {
        json.add("user", *spec.user);
    }
    if (spec.workdir) {
        json.add("workdir", *spec.workdir);
    }
    return json.add("command", spec.command)
        .add("env", spec.environment)
        .add("networks", spec.networks)
        .add("params", spec.params)
        .add("restart", to_string(spec.restart))
        .add("effective", params);
}

}  // namespace

int export_container(Invocation& call) {
    Options options{"export CONTAINER [--format jail.conf|jail|json|toml]"};
    options.add()(
        "format,f", po::value<std::string>(), "jail.conf (the default), jail, json, toml");
    if (!options.parse_interleaved(call)) {
        return kDone;
    }
    options.require_operands(1, 1);
    const auto format = options.get<std::string>("format", call.json() ? "json" : "jail.conf");
    if (format != "jail.conf" && format != "jail" && format != "json" && format != "toml") {
        throw options.error("there is no format '" + format + "'");
    }
    const ContainerDefinition container = call.engine().define(options.operands().front());
    // As it is, also to a terminal: what is written is to be read by programs.
    if (format == "jail.conf") {
        std::cout << format_jail_conf(container);
    } else if (format == "jail") {
        std::cout << format_jail_command(container) << '\n';
    } else if (format == "toml") {
        std::cout << format_toml(container);
    } else {
        print(to_json(container));
    }
    return kDone;
}

}  // namespace brig::cli
