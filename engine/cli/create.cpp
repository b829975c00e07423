// SPDX-License-Identifier: BSD-2-Clause
#include "container_options.hpp"
#include "output.hpp"

namespace brig::cli {

int create(Invocation& call) {
    Options options{"create [OPTION]… IMAGE [COMMAND ARG…]"};
    add_container_options(options);
    if (!options.parse(call)) {
        return kDone;
    }
    print_id(call.engine().create(container_spec(options)).id, call.json());
    return kDone;
}

}  // namespace brig::cli
