// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

namespace brig::cli {

int rename(Invocation& call) {
    Options options{"rename CONTAINER NAME"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(2, 2);
    call.engine().rename(options.operands()[0], options.operands()[1]);
    return kDone;
}

}  // namespace brig::cli
