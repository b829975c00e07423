// SPDX-License-Identifier: BSD-2-Clause
#include "foreground.hpp"
#include "options.hpp"

#include <unistd.h>

namespace brig::cli {

int exec(Invocation& call) {
    Options options{"exec [OPTION]… CONTAINER COMMAND [ARG…]"};
    options.add()("user,u", po::value<std::string>(), "USER[:GROUP], by name or number");
    options.add()("env,e",
                  po::value<std::vector<std::string>>()->composing(),
                  "NAME=VALUE for its environment; repeatable");
    options.add()("workdir,w", po::value<std::string>(), "where it starts, inside the container");
    options.add()("interactive,i", "pass on standard input");
    options.add()("tty,t", "give it a terminal");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(2, kMany);
    ExecSpec spec;
    spec.command.assign(options.operands().begin() + 1, options.operands().end());
    spec.user = options.find<std::string>("user");
    spec.environment = options.get("env", std::vector<std::string>{});
    spec.workdir = options.find<std::string>("workdir");
    spec.interactive = options.has("interactive");
    spec.terminal = options.has("tty");
    if (spec.terminal && spec.interactive && ::isatty(STDIN_FILENO) == 0) {
        throw options.error("-it needs a terminal on standard input; leave -t out");
    }
    return follow([&] { return call.engine().exec(options.operands().front(), spec, own_io()); });
}

}  // namespace brig::cli
