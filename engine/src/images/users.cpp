// SPDX-License-Identifier: BSD-2-Clause
#include "images/users.hpp"

#include "run/notes.hpp"

namespace brig {

std::vector<std::string> users_of_image(Context& context, const std::string& image_id) {
    std::vector<std::string> users;
    for (const ContainerRecord& record : context.store.containers()) {
        if (record.image_id == image_id) {
            users.push_back(record.name);
        }
    }
    for (const std::string& id : context.run.ids()) {
        const auto ledger = Ledger::peek(context.run.ledger_file(id));
        if (ledger && noted_image_id(*ledger) == image_id
            && !context.store.find_container_by_id(id)) {
            users.push_back(container_info(id, *ledger, context.catalogue).name);
        }
    }
    return users;
}

}  // namespace brig
