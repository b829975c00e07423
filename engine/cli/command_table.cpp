// SPDX-License-Identifier: BSD-2-Clause
#include "command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <iostream>

namespace brig::cli {

const std::vector<CommandInfo>& commands() {
    static const std::vector<CommandInfo> all{
        {"run",
         "[OPTION]… IMAGE [COMMAND ARG…]",
         "create a container and run a command in it",
         run,
         true},
        {"create", "[OPTION]… IMAGE [COMMAND ARG…]", "create a container", create},
        {"start", "[-a] CONTAINER", "start a container", start},
        {"stop", "[-t SECONDS] [--force] CONTAINER…", "stop containers", stop},
        {"restart", "[-t SECONDS] CONTAINER…", "stop and start containers", restart},
        {"rm", "[-f] CONTAINER…", "remove containers", remove},
        {"kill", "[-s SIGNAL] CONTAINER…", "send a signal to a container's command", kill},
        {"wait", "CONTAINER…", "wait for containers to end, and print their exit statuses", wait},
        {"exec",
         "[OPTION]… CONTAINER COMMAND [ARG…]",
         "run a command in a running container",
         exec,
         true},
        {"ps", "[-a]", "list containers (also: ls)", ps},
        {"ls", "[-a]", "list containers", ps},
        {"inspect", "CONTAINER…", "all that is known of containers", inspect},
        {"logs", "[-f] CONTAINER", "the output of a detached container", logs},
        {"rename", "CONTAINER NAME", "give a container another name", rename},
        {"recover", "", "tear down what crashed processes left behind", recover},
        {"image", "create | ls | inspect | rm | tag …", "images", image},
        {"params", "[PATTERN]", "the jail parameters that this host knows", params},
        {"driver", "ls | inspect NAME", "drivers", driver},
        {"network", "ls | inspect NAME", "networks", network},
        {"storage", "ls", "storages", storage},
        {"version", "", "the version of brig", version},
        {"help", "", "this list", help},
    };
    return all;
}

int help(Invocation& /*call*/) {
    std::cout
        << "usage: brig [--config FILE] [--state DIR] [--run DIR] [--log-level LEVEL] COMMAND …\n"
           "\nContainers as FreeBSD jails, configured by jail parameters.\n\n";
    for (const CommandInfo& command : commands()) {
        std::cout << fmt::format("  {:<9} {}\n", command.name, command.summary);
    }
    std::cout << "\nbrig COMMAND --help shows the options of a command.\n";
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
