// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

namespace brig::cli {

int remove(Invocation& call) {
    Options options{"rm [-f] CONTAINER…"};
    options.add()("force,f", "stop it first if it runs");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& container : options.operands()) {
        call.engine().remove(container, options.has("force"));
    }
    return kDone;
}

}  // namespace brig::cli
