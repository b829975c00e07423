// SPDX-License-Identifier: BSD-2-Clause
#include "container_options.hpp"
#include "foreground.hpp"
#include "output.hpp"

#include <unistd.h>

namespace brig::cli {

int run(Invocation& call) {
    Options options{"run [OPTION]… IMAGE [COMMAND ARG…]"};
    add_container_options(options);
    options.add()("rm", "remove the container when it ends");
    options.add()("detach,d", "run it in the background, and print its id");
    add_dry_run_options(options);
    if (!options.parse(call)) {
        return kDone;
    }
    ContainerSpec spec = container_spec(options);
    spec.ephemeral = options.has("rm");
    if (!options.has("detach") && spec.restart != RestartPolicy{}) {
        throw options.error("--restart needs -d: who runs it in the foreground sees its end");
    }
    if (dry_run(call, options, spec)) {
        return kDone;
    }
    if (options.has("detach")) {
        if (spec.interactive) {
            throw options.error("-i and -d exclude each other");
        }
        print_id(call.engine().run_detached(spec).id, call.json());
        return kDone;
    }
    if (spec.terminal && ::isatty(STDIN_FILENO) == 0 && spec.interactive) {
        throw options.error("-it needs a terminal on standard input; leave -t out");
    }
    return follow([&] { return call.engine().run(spec, own_io()); });
}

}  // namespace brig::cli
