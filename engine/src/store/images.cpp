// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "store/store.hpp"
#include "store/store_impl.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace brig {

namespace {

/// NUL-terminated strings, one after the other.
std::string pack(const std::vector<std::string>& list) {
    std::string packed;
    for (const std::string& item : list) {
        packed.append(item).push_back('\0');
    }
    return packed;
}

std::vector<std::string> unpack(std::string_view packed) {
    std::vector<std::string> list;
    while (!packed.empty()) {
        const std::string_view item = packed.substr(0, packed.find('\0'));
        list.emplace_back(item);
        packed.remove_prefix(std::min(packed.size(), item.size() + 1));
    }
    return list;
}

/// The columns that `read_image` expects. An image without a name has an empty name and tag.
constexpr std::string_view kColumns =
    "image.id, image_name.name, image_name.tag, storage, volume, user, environment, command,"
    " workdir, source, created";

ImageInfo read_image(const Statement& row) {
    ImageInfo image;
    image.id = row.text(0);
    image.name = row.text(1);
    image.tag = row.text(2);
    image.storage = row.text(3);
    image.volume = row.text(4);
    image.defaults.user = row.text(5);
    image.defaults.environment = unpack(row.text(6));
    image.defaults.command = unpack(row.text(7));
    image.defaults.workdir = row.text(8);
    image.source = row.text(9);
    image.created = from_nanoseconds(row.integer(10));
    return image;
}

std::vector<ImageInfo> read_images(Statement rows) {
    std::vector<ImageInfo> images;
    while (rows.step()) {
        images.push_back(read_image(rows));
    }
    return images;
}

[[nodiscard]] bool point_name(Database& database,
                              const std::string& name,
                              const std::string& tag,
                              const std::string& id) {
    return database.try_run(
        "INSERT INTO image_name VALUES (?, ?, ?)"
        " ON CONFLICT (name, tag) DO UPDATE SET image_id = excluded.image_id",
        name,
        tag,
        id);
}

}  // namespace

void Store::add_image(const ImageInfo& image) {
    Database& database = impl_->writing();
    WriteTransaction transaction{database};
    const bool added = database.try_run("INSERT INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                        image.id,
                                        image.storage,
                                        image.volume,
                                        image.defaults.user,
                                        Blob{pack(image.defaults.environment)},
                                        Blob{pack(image.defaults.command)},
                                        image.defaults.workdir,
                                        image.source,
                                        to_nanoseconds(image.created));
    if (!added || !point_name(database, image.name, image.tag, image.id)) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("there is an image {} already", image.id)};
    }
    transaction.commit();
}

std::optional<ImageInfo> Store::find_image(const std::string& name, const std::string& tag) {
    Database* database = impl_->reading();
    if (database == nullptr) {
        return std::nullopt;
    }
    Statement rows =
        database->query(fmt::format("SELECT {} FROM image_name JOIN image ON image.id = image_id"
                                    " WHERE name = ? AND tag = ?",
                                    kColumns),
                        name,
                        tag);
    return rows.step() ? std::optional{read_image(rows)} : std::nullopt;
}

std::vector<ImageInfo> Store::images_with_id_prefix(const std::string& prefix) {
    Database* database = impl_->reading();
    if (database == nullptr) {
        return {};
    }
    // One row an image, with the first of its names. "~" sorts after every hexadecimal digit.
    return read_images(database->query(
        fmt::format("SELECT {}, min(image_name.name || ':' || image_name.tag) FROM image"
                    " LEFT JOIN image_name ON image_id = image.id"
                    " WHERE image.id >= ?1 AND image.id < ?1 || '~' GROUP BY image.id",
                    kColumns),
        prefix));
}

std::optional<ImageInfo> Store::find_image_by_id(const std::string& id) {
    const std::vector<ImageInfo> images = images_with_id_prefix(id);
    return images.empty() || images.front().id != id ? std::nullopt : std::optional{images.front()};
}

std::vector<ImageInfo> Store::images() {
    Database* database = impl_->reading();
    if (database == nullptr) {
        return {};
    }
    return read_images(database->query(
        fmt::format("SELECT {} FROM image LEFT JOIN image_name ON image_id = image.id"
                    " ORDER BY image_name.name, image_name.tag, image.id",
                    kColumns)));
}

void Store::tag_image(const std::string& id, const std::string& name, const std::string& tag) {
    if (!point_name(impl_->writing(), name, tag, id)) {
        throw Error{ErrorCode::not_found, fmt::format("there is no image {}", id)};
    }
}

void Store::untag_image(const std::string& name, const std::string& tag) {
    if (impl_->reading() != nullptr) {
        impl_->writing().run("DELETE FROM image_name WHERE name = ? AND tag = ?", name, tag);
    }
}

void Store::remove_image(const std::string& id) {
    if (impl_->reading() == nullptr) {
        return;
    }
    Database& database = impl_->writing();
    if (database.try_run("DELETE FROM image WHERE id = ?", id)) {
        return;
    }
    Statement user = database.query("SELECT name FROM container WHERE image_id = ?", id);
    throw Error{ErrorCode::conflict,
                fmt::format("image {} is used by container \"{}\"",
                            id,
                            user.step() ? user.text(0) : "that was just removed")}
        .with_hint("remove the container with `brig rm` first");
}

}  // namespace brig
