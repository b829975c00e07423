// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <iostream>

namespace brig::cli {

int wait(Invocation& call) {
    Options options{"wait CONTAINER…"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& container : options.operands()) {
        std::cout << call.engine().wait(container).shell_status() << std::endl;
    }
    return kDone;
}

}  // namespace brig::cli
