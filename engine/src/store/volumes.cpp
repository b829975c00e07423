// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "store/store.hpp"
#include "store/store_impl.hpp"

#include <fmt/core.h>

#include <string_view>

namespace brig {

namespace {

constexpr std::string_view kSelectVolume =
    "SELECT id, name, storage, options, created FROM volume ";

/// The current row of `kSelectVolume`.
VolumeInfo read_volume(const Statement& row) {
    return {row.text(0),
            row.text(1),
            row.text(2),
            unpack(row.text(3)),
            from_nanoseconds(row.integer(4))};
}

}  // namespace

void Store::add_volume(const VolumeInfo& volume) {
    const std::string options = pack(volume.options);
    const bool added =
        impl_->containers.writing().try_run("INSERT INTO volume VALUES (?, ?, ?, ?, ?)",
                                            volume.id,
                                            volume.name,
                                            volume.storage,
                                            Blob{options},
                                            to_nanoseconds(volume.created));
    if (!added) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("there is a volume '{}' already", volume.name)}
            .with_hint("choose another name, or remove that one with: brig volume rm "
                       + volume.name);
    }
}

std::optional<VolumeInfo> Store::find_volume(const std::string& reference) {
    Database* database = impl_->containers.reading();
    if (database == nullptr) {
        return std::nullopt;
    }
    Statement row = database->query(
        std::string{kSelectVolume} + "WHERE name = ?1 OR id = ?1 ORDER BY name <> ?1", reference);
    return row.step() ? std::optional{read_volume(row)} : std::nullopt;
}

bool Store::has_volume(const std::string& id) {
    Database* database = impl_->containers.reading();
    return database != nullptr && database->query("SELECT 1 FROM volume WHERE id = ?", id).step();
}

std::vector<VolumeInfo> Store::volumes() {
    std::vector<VolumeInfo> volumes;
    if (Database* database = impl_->containers.reading()) {
        Statement rows = database->query(std::string{kSelectVolume} + "ORDER BY name");
        while (rows.step()) {
            volumes.push_back(read_volume(rows));
        }
    }
    return volumes;
}

void Store::remove_volume(const std::string& id) {
    if (impl_->containers.reading() != nullptr) {
        impl_->containers.writing().run("DELETE FROM volume WHERE id = ?", id);
    }
}

}  // namespace brig
