// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <iostream>

namespace brig::cli {

int recover(Invocation& call) {
    Options options{"recover"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(0, 0);
    bool complete = true;
    Json list = Json::array();
    for (const RecoveryReport::Item& item : call.engine().recover().items) {
        complete = complete && item.failures.empty();
        list.add(Json::object()
                     .add("container", item.container)
                     .add("undone", item.undone)
                     .add("failures", item.failures));
        if (call.json()) {
            continue;
        }
        for (const std::string& effect : item.undone) {
            std::cout << item.container << ": undid " << printable(effect) << '\n';
        }
        for (const std::string& failure : item.failures) {
            std::cerr << item.container << ": still there: " << printable(failure) << '\n';
        }
    }
    if (call.json()) {
        print(list);
    }
    return complete ? kDone : kFailed;
}

}  // namespace brig::cli
