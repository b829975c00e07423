// SPDX-License-Identifier: BSD-2-Clause
#include "remove.hpp"

#include "events/announce.hpp"
#include "images/remove_image.hpp"
#include "recover.hpp"
#include "support/remove_tree.hpp"
#include "undo.hpp"

namespace brig {

std::filesystem::path log_folder(const Context& context, const std::string& id, bool ephemeral) {
    if (ephemeral) {
        return context.run.folder(id) / "log";
    }
    const Settings& settings = context.settings;
    return (settings.logs.empty() ? settings.state / "logs" : settings.logs) / id;
}

void remove(Context& context, const std::string& id) {
    recover_container(context, id);
    const auto record = context.store.find_container_by_id(id);
    if (!record) {
        return;
    }
    destroy_kept(context, record->storage, id, [&] {
        context.store.remove_container(id);
        context.store.remove_leases_of(id);
        remove_tree(log_folder(context, id, false));
    });
    announce_container(
        context, EventAction::removed, id, record->name, {{"image", record->spec.image}});
    forget_retired_images(context);
}

}  // namespace brig
