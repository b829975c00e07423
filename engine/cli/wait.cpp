// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <iostream>

namespace brig::cli {

int wait(Invocation& call) {
    Options options{"wait CONTAINER…"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& container : options.operands()) {
        const int status = call.engine().wait(container).shell_status();
        if (call.json()) {
            print(Json::object()
                      .add("container", container)
                      .add("exit_status", static_cast<long long>(status)));
        } else {
            std::cout << status << std::endl;
        }
    }
    return kDone;
}

}  // namespace brig::cli
