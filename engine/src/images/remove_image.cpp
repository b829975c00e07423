// SPDX-License-Identifier: BSD-2-Clause
#include "images/create_image.hpp"
#include "launch.hpp"
#include "run/notes.hpp"
#include "spec/image_reference.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <algorithm>

namespace brig {

namespace {

std::vector<std::string> users_of(Context& context, const std::string& image_id) {
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
            users.push_back(id);
        }
    }
    return users;
}

std::size_t count_names(Store& store, const std::string& image_id) {
    const std::vector<ImageInfo> images = store.images();
    return static_cast<std::size_t>(
        std::count_if(images.begin(), images.end(), [&](const ImageInfo& image) {
            return image.id == image_id && !image.name.empty();
        }));
}

void destroy(Context& context, const ImageInfo& image) {
    Ledger ledger = context.run.open(image.id);
    TearDownUnlessKept undo{context, image.id, ledger};
    require_destroyable(context, image.storage, context.call_for(image.id, image.volume));
    record_volume(ledger, image.storage, image.volume);
    // While there is a record the volume is kept; without one, tearing down destroys it.
    context.store.remove_image(image.id);
    undo.keep();
    close_run(context, image.id, ledger);
}

}  // namespace

void remove_image(Context& context, const std::string& reference) {
    const ImageInfo image = resolve_image(context.store, reference);
    const bool by_name = !image.name.empty();
    if (by_name && count_names(context.store, image.id) > 1) {
        context.store.untag_image(image.name, image.tag);
        return;
    }
    const std::vector<std::string> users = users_of(context, image.id);
    if (!users.empty()) {
        throw Error{ErrorCode::conflict,
                    fmt::format("image '{}' is used by {}", reference, join(users, ", "))}
            .with_hint("remove these containers first: brig rm " + join(users, " "));
    }
    destroy(context, image);
}

void tag_image(Context& context, const std::string& reference, const std::string& new_reference) {
    const ImageReference name = parse_image_reference(new_reference);
    const ImageInfo image = resolve_image(context.store, reference);
    context.store.tag_image(image.id, name.name, name.tag);
}

}  // namespace brig
