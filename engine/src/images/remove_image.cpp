// SPDX-License-Identifier: BSD-2-Clause
#include "images/remove_image.hpp"

#include "events/announce.hpp"
#include "images/find_image.hpp"
#include "images/users.hpp"
#include "spec/image_reference.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <algorithm>
#include <utility>

namespace brig {

namespace {

std::vector<std::string> names_of(Store& store, const std::string& image_id) {
    std::vector<std::string> names;
    for (const ImageInfo& image : store.images()) {
        if (image.id == image_id && !image.name.empty()) {
            names.push_back(image.name + ":" + image.tag);
        }
    }
    return names;
}

void destroy(Context& context, const ImageInfo& image) {
    destroy_kept(context, image.storage, image.id, [&] { context.store.remove_image(image.id); });
    announce_image(context, EventAction::removed, image);
}

/// The containers that use it stay.
void promote_users(Context& context, const ImageInfo& image) {
    destroy_kept(
        context, image.storage, image.id, [&] { context.store.retire_image(image.id); }, true);
    announce_image(context, EventAction::removed, image);
}

[[noreturn]] void refuse_used(const std::string& reference, const std::vector<std::string>& users) {
    throw Error{ErrorCode::conflict,
                fmt::format("image '{}' is used by {}", reference, join(users, ", "))}
        .with_hint("remove these containers first: brig rm " + join(users, " ")
                   + "; or let them take over what they share with it: brig image rm --promote");
}

}  // namespace

void remove_image(Context& context,
                  const std::string& reference,
                  const RemoveImageOptions& options) {
    const ImageReference parsed = parse_image_name(reference);
    const ImageInfo image = find_image(context, reference);
    const std::vector<std::string> names = names_of(context.store, image.id);
    if (names.size() > 1) {
        if (!context.store.find_image(parsed.name, parsed.tag)) {
            throw Error{
                ErrorCode::conflict,
                fmt::format("image '{}' has several names: {}", reference, join(names, ", "))}
                .with_hint("remove them one by one: brig image rm " + join(names, " "));
        }
        context.store.untag_image(image.name, image.tag);
        announce_image(context, EventAction::untagged, image);
        return;
    }
    const std::vector<std::string> users = users_of_image(context, image.id);
    if (users.empty()) {
        destroy(context, image);
    } else if (options.promote) {
        promote_users(context, image);
    } else {
        refuse_used(reference, users);
    }
}

void forget_retired_images(Context& context) {
    for (const ImageInfo& image : context.store.retired_images()) {
        if (users_of_image(context, image.id).empty()) {
            context.store.remove_image(image.id);
        }
    }
}

namespace {

/// Every image once, whatever names it has, that nobody uses.
std::vector<ImageInfo> unused_images(Context& context, bool with_named) {
    std::vector<ImageInfo> unused;
    for (ImageInfo& image : context.store.images()) {
        const auto same = [&](const ImageInfo& other) { return other.id == image.id; };
        const bool wanted =
            (with_named || image.name.empty()) && std::none_of(unused.begin(), unused.end(), same);
        if (wanted && users_of_image(context, image.id).empty()) {
            unused.push_back(std::move(image));
        }
    }
    return unused;
}

}  // namespace

std::vector<ImageInfo> prune_images(Context& context, const PruneOptions& options) {
    std::vector<ImageInfo> unused = unused_images(context, options.all);
    for (const ImageInfo& image : unused) {
        if (!options.dry_run) {
            destroy(context, image);
        }
    }
    forget_retired_images(context);
    return unused;
}

void tag_image(Context& context, const std::string& reference, const std::string& new_reference) {
    const ImageReference name = parse_image_name(new_reference);
    ImageInfo image = find_image(context, reference);
    context.store.tag_image(image.id, name.name, name.tag);
    image.name = name.name;
    image.tag = name.tag;
    announce_image(context, EventAction::tagged, image);
}

}  // namespace brig
