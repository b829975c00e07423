// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"
#include "escape.hpp"
#include "options.hpp"

namespace brig::cli {

namespace {

std::string command_line(const ContainerInfo& container) {
    std::string line;
    for (const std::string& word : container.command) {
        line += (line.empty() ? "" : " ") + word;
    }
    constexpr std::size_t kWidth = 29;
    return printable_start(line, kWidth);
}

}  // namespace

int ps(Invocation& call) {
    Options options{"ps [-a]"};
    options.add()("all,a", "those that do not run as well");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(0, 0);
    Table table{{"ID", "NAME", "IMAGE", "COMMAND", "CREATED", "STATE"}};
    Json list = Json::array();
    for (const ContainerInfo& container : call.engine().containers()) {
        if (!options.has("all") && !is_up(container)) {
            continue;
        }
        list.add(to_json(container));
        table.add({container.id,
                   container.name,
                   container.image.empty() ? container.root : container.image,
                   command_line(container),
                   format_age(container.created),
                   describe_state(container)});
    }
    call.json() ? print(list) : table.print();
    return kDone;
}

}  // namespace brig::cli
