// SPDX-License-Identifier: BSD-2-Clause
#include "each.hpp"
#include "foreground.hpp"
#include "options.hpp"
#include "output.hpp"

namespace brig::cli {

namespace {

/// What is to start with the machine and does not run yet.
std::vector<std::string> containers_of_boot(Engine& engine) {
    std::vector<std::string> ids;
    for (const ContainerInfo& container : engine.containers()) {
        if (starts_at_boot(container) && !is_up(container)) {
            ids.push_back(container.id);
        }
    }
    return engine.start_order(ids);
}

int start_all(Invocation& call) {
    return for_each_container(containers_of_boot(call.engine()), [&](const std::string& id) {
        print_id(call.engine().start_detached(id).id, call.json());
    });
}

}  // namespace

int start(Invocation& call) {
    Options options{"start [-a] CONTAINER… | --all"};
    options.add()("attach,a", "stay in the foreground: its output, signals and exit status");
    options.add()("all", "what restart policies want to run when the machine has started");
    if (!options.parse(call)) {
        return kDone;
    }
    if (options.has("all")) {
        options.require_operands(0, 0);
        return start_all(call);
    }
    options.require_operands(1, options.has("attach") ? 1 : kMany);
    if (options.has("attach")) {
        return follow([&] { return call.engine().start(options.operands().front(), own_io()); });
    }
    for (const std::string& container : call.engine().start_order(options.operands())) {
        print_id(call.engine().start_detached(container).id, call.json());
    }
    return kDone;
}

}  // namespace brig::cli
