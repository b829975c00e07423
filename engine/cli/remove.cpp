// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <algorithm>

namespace brig::cli {

int remove(Invocation& call) {
    Options options{"rm [-f] CONTAINER…"};
    options.add()("force,f", "stop it first if it runs");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    // Backwards and back again: those that do not depend on each other go as they were named.
    const std::vector<std::string>& named = options.operands();
    const std::vector<std::string> order =
        call.engine().start_order({named.rbegin(), named.rend()});
    std::for_each(order.rbegin(), order.rend(), [&](const std::string& container) {
        call.engine().remove(container, options.has("force"));
    });
    return kDone;
}

}  // namespace brig::cli
