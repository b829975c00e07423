// SPDX-License-Identifier: BSD-2-Clause
#include "command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <iostream>

namespace brig::cli {

const std::vector<CommandInfo>& commands() {
    static const std::vector<CommandInfo> all{
        {"run", "create a container and run a command in it", run, true},
        {"create", "create a container", create},
        {"start", "start containers", start},
        {"stop", "stop containers", stop},
        {"restart", "stop and start containers", restart},
        {"rm", "remove containers", remove},
        {"kill", "send a signal to a container's command", kill},
        {"wait", "wait for containers to end, and print their exit statuses", wait},
        {"exec", "run a command in a running container", exec, true},
        {"ps", "list containers (also: ls)", ps},
        {"ls", "list containers", ps},
        {"inspect", "all that is known of containers", inspect},
        {"logs", "the output of a detached container", logs},
        {"events", "what happens to containers, images, volumes and networks", events},
        {"rename", "give a container another name", rename},
        {"plan", "what starting or running a container would do", plan},
        {"up", "have the containers of a file run as it says", up},
        {"down", "stop the containers of a file", down},
        {"config", "check the configuration and its containers", config},
        {"update", "change parameters and variables of a container", update},
        {"recover", "tear down what crashed processes left behind", recover},
        {"import", "make containers of the jails of a jail.conf(5)", import_jails},
        {"export", "a container as jail.conf(5), jail(8) command, JSON or TOML", export_container},
        {"snapshot", "take, list and remove snapshots of a container's root", snapshot},
        {"rollback", "take a container's root back to a snapshot", rollback},
        {"diff", "what a container changed in its root", diff},
        {"volume", "create, list, inspect, remove and prune volumes for data", volume},
        {"image", "create, list, inspect, export, remove and tag images", image},
        {"params", "the jail parameters that this host knows", params},
        {"driver", "list and inspect drivers", driver},
        {"network", "make, list, inspect, connect and remove networks", network},
        {"storage", "list and inspect storages", storage},
        {"version", "the version of brig", version},
        {"help", "this list", help},
    };
    return all;
}

void print_commands() {
    std::cout << "\nContainers as FreeBSD jails, configured by jail parameters.\n\n";
    for (const CommandInfo& command : commands()) {
        std::cout << fmt::format("  {:<9} {}\n", command.name, command.summary);
    }
    std::cout << "\nbrig COMMAND --help shows the options of a command.\n";
}

int help(Invocation& /*call*/) {
    std::cout << "usage: brig " << kUsageLine << '\n';
    print_commands();
    return kDone;
}

int version(Invocation& call) {
    Options options{"version"};
    if (!options.parse(call)) {
        return kDone;
    }
    if (call.json()) {
        print(Json::object().add("version", BRIG_VERSION));
    } else {
        std::cout << "brig " BRIG_VERSION "\n";
    }
    return kDone;
}

}  // namespace brig::cli
