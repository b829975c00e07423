// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

namespace brig::cli {

int recover(Invocation& call) {
    Options options{"recover [--yes]"};
    options.add()("yes", "also remove roots and images of which there is no record");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(0, 0);
    bool complete = true;
    Json list = Json::array();
    for (const RecoveryReport::Item& item : call.engine().recover({options.has("yes")}).items) {
        complete = complete && item.failures.empty();
        list.add(Json::object()
                     .add("container", item.container)
                     .add("undone", item.undone)
                     .add("mended", item.finished)
                     .add("failures", item.failures));
        if (call.json()) {
            continue;
        }
        for (const std::string& effect : item.undone) {
            print_line(item.container + ": undid " + effect);
        }
        for (const std::string& work : item.finished) {
            print_line(item.container + ": mended " + work);
        }
        for (const std::string& failure : item.failures) {
            complain(item.container + ": still there: " + failure);
        }
    }
    if (call.json()) {
        print(list);
    }
    return complete ? kDone : kFailed;
}

}  // namespace brig::cli
