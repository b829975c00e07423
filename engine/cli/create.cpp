// SPDX-License-Identifier: BSD-2-Clause
#include "container_options.hpp"
#include "output.hpp"

namespace brig::cli {

int create(Invocation& call) {
    Options options{"create [OPTION]… IMAGE [COMMAND ARG…]"};
    add_container_options(options);
    add_dry_run_options(options);
    if (!options.parse(call)) {
        return kDone;
    }
    const ContainerSpec spec = container_spec(options);
    if (!dry_run(call, options, spec)) {
        print_id(call.engine().create(spec).id, call.json());
    }
    return kDone;
}

}  // namespace brig::cli
