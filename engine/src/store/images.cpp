// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "store/store.hpp"
#include "store/store_impl.hpp"

#include <fmt/core.h>

#include <sys/file.h>

#include <algorithm>

namespace brig {

namespace {

Error no_image(const std::string& id) {
    return Error{ErrorCode::not_found, fmt::format("there is no image {}", id)};
}

}  // namespace

void Store::add_image(const ImageInfo& image) {
    impl_->images.make_folder();
    const auto lock = impl_->images.lock(LOCK_EX);
    if (impl_->images.has(image.id)) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("there is an image {} already", image.id)};
    }
    impl_->images.add(image);
    impl_->images.point(image.name, image.tag, image.id);
}

std::optional<ImageInfo> Store::find_image(const std::string& name, const std::string& tag) {
    return impl_->images.find(name, tag);
}

std::vector<ImageInfo> Store::images_with_id_prefix(const std::string& prefix) {
    std::vector<ImageInfo> found;
    for (ImageInfo& image : impl_->images.all()) {
        const auto same = [&](const ImageInfo& other) { return other.id == image.id; };
        if (image.id.starts_with(prefix) && std::none_of(found.begin(), found.end(), same)) {
            found.push_back(std::move(image));
        }
    }
    return found;
}

bool Store::has_image(const std::string& id) {
    return impl_->images.has(id);
}

std::vector<ImageInfo> Store::images() {
    return impl_->images.all();
}

void Store::tag_image(const std::string& id, const std::string& name, const std::string& tag) {
    const auto lock = impl_->images.lock(LOCK_EX);
    if (!impl_->images.has(id)) {
        throw no_image(id);
    }
    impl_->images.point(name, tag, id);
}

void Store::untag_image(const std::string& name, const std::string& tag) {
    if (const auto lock = impl_->images.lock(LOCK_EX)) {
        impl_->images.unpoint(name, tag);
    }
}

void Store::remove_image(const std::string& id) {
    const auto lock = impl_->images.lock(LOCK_EX);
    if (!lock) {
        return;
    }
    if (Database* database = impl_->containers.reading()) {
        Statement user = database->query("SELECT name FROM container WHERE image_id = ?", id);
        if (user.step()) {
            throw Error{ErrorCode::conflict,
                        fmt::format("image {} is used by container \"{}\"", id, user.text(0))}
                .with_hint("remove the container with `brig rm` first");
        }
    }
    impl_->images.remove(id);
}

void Store::retire_image(const std::string& id) {
    if (const auto lock = impl_->images.lock(LOCK_EX)) {
        impl_->images.retire(id);
    }
}

std::optional<ImageInfo> Store::find_retired_image(const std::string& id) {
    return impl_->images.find_retired(id);
}

std::vector<ImageInfo> Store::retired_images() {
    return impl_->images.retired();
}

}  // namespace brig
