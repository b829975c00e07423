// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"
#include "options.hpp"

namespace brig::cli {

int inspect(Invocation& call) {
    Options options{"inspect CONTAINER…"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    Json list = Json::array();
    for (const std::string& container : options.operands()) {
        list.add(to_json(call.engine().container(container)));
    }
    print(list);
    return kDone;
}

}  // namespace brig::cli
