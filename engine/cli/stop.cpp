// SPDX-License-Identifier: BSD-2-Clause
#include "stop_options.hpp"

namespace brig::cli {

int stop(Invocation& call) {
    Options options{"stop [-t SECONDS] [--force] CONTAINER…"};
    add_stop_options(options);
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& container : options.operands()) {
        call.engine().stop(container, stop_options(options));
    }
    return kDone;
}

}  // namespace brig::cli
