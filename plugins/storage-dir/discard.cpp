// SPDX-License-Identifier: BSD-2-Clause
#include "discard.hpp"

#include "kept.hpp"

#include <fcntl.h>

namespace brig::storage_dir {
namespace {

/// Of a folder that was a volume's, whose name no longer counts. Before its label goes, what was
/// kept for it goes, so that a repetition after a crash still knows of that.
void collect_for(const Shelves& shelves, const Shelf& shelf, const std::string& trash) {
    const std::optional<Label> label = Label::parse(read_link(shelf.fd(), trash + "/label"));
    if (label && stands_on_kept(shelf, trash, *label)) {
        collect_kept(shelves);
    }
}

void discard_if_there(const Shelves& shelves,
                      const Shelf& shelf,
                      const std::string& name,
                      const std::string& owner) {
    if (exists_in(shelf.fd(), name)) {
        collect_for(shelves, shelf, name);
        discard_leftover(shelf, name, owner);
    }
}

}  // namespace

void discard(const Shelves& shelves, const Entry& volume) {
    const Shelf& shelf = *volume.shelf;
    const std::string trash = std::string{kTrashPrefix} + volume.name;
    const auto rename = [&] {
        return ::renameat(shelf.fd(), volume.name.c_str(), shelf.fd(), trash.c_str());
    };
    const bool stood_on_kept = stands_on_kept(shelf, volume.name, volume.label);
    if (rename() != 0) {
        if (errno != ENOTEMPTY && errno != EEXIST) {
            throw_errno(errno, "take '" + volume.path() + "' away");
        }
        collect_for(shelves, shelf, trash);
        discard_leftover(shelf, trash, volume.label.owner);
        check(rename(), "take '", volume.path(), "' away");
    }
    if (stood_on_kept) {
        collect_kept(shelves);
    }
    remove_volume(shelf, trash, {.layers = volume.has_layers(), .limited = volume.label.limited});
}

void discard_leftovers(const Shelves& shelves, const std::string& id, const std::string& owner) {
    for (const Shelf& shelf : shelves.all()) {
        if (shelf.exists()) {
            discard_if_there(shelves, shelf, std::string{kNewPrefix} + id, owner);
            discard_if_there(shelves, shelf, std::string{kTrashPrefix} + id, owner);
        }
    }
    finish_hand_over(shelves, id, owner);
}

}  // namespace brig::storage_dir
