// SPDX-License-Identifier: BSD-2-Clause
#include "foreground.hpp"
#include "options.hpp"
#include "output.hpp"

namespace brig::cli {

int start(Invocation& call) {
    Options options{"start [-a] CONTAINER…"};
    options.add()("attach,a", "stay in the foreground: its output, signals and exit status");
    if (!options.parse(call)) {
        return kDone;
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
