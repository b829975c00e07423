// SPDX-License-Identifier: BSD-2-Clause
#include "container_options.hpp"

#include <iostream>

namespace brig::cli {

int create(Invocation& call) {
    Options options{"create [OPTION]… IMAGE [COMMAND ARG…]"};
    add_container_options(options);
    if (!options.parse(call)) {
        return kDone;
    }
    std::cout << call.engine().create(container_spec(options)).id << '\n';
    return kDone;
}

}  // namespace brig::cli
