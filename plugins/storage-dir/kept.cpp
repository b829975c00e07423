// SPDX-License-Identifier: BSD-2-Clause
#include "kept.hpp"

#include "os.hpp"
#include "quota.hpp"
#include "references.hpp"
#include "remove_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace brig::storage_dir {
namespace {

/// The volumes that stand on `volume`, directly or not.
std::set<std::string> all_clones(const std::vector<Reference>& all, const std::string& volume) {
    std::set<std::string> found;
    std::vector<std::string> pending{volume};
    while (!pending.empty()) {
        std::set<std::string> direct = clones_of(all, pending.back(), nullptr);
        pending.pop_back();
        std::set_difference(
            direct.begin(), direct.end(), found.begin(), found.end(), std::back_inserter(pending));
        found.merge(direct);
    }
    return found;
}

void require_inactive(const Shelves& shelves, const std::string& clone, const Entry& origin) {
    const std::optional<Entry> entry = shelves.find(clone);
    const std::string mount_point = clone + "/" + os::kMountPoint;
    if (entry && os::mounted_on(entry->shelf->fd(), mount_point) != os::Mounted::nothing) {
        throw Error{
            BRIG_BUSY,
            joined("volume '", clone, "', which was cloned from '", origin.name, "', is active"),
            "stop what uses it, then try again"};
    }
}

bool is_half_made(const Reference& reference) {
    return reference.bearer.name.compare(0, kNewPrefix.size(), kNewPrefix) == 0;
}

/// The folders whose labels name layers of `volume`, and its own.
std::vector<VolumeLock> lock_bearers(const std::vector<Reference>& references,
                                     const std::string& volume) {
    std::set<std::string> seen{volume};
    std::vector<VolumeLock> locks;
    for (const Reference& reference : references) {
        if (!is_half_made(reference) && seen.insert(reference.volume).second) {
            locks.emplace_back(
                *reference.bearer.shelf, reference.volume, VolumeLock::Mode::exclusive);
        }
    }
    return locks;
}

/// The name under which a volume will be kept.
std::string kept_name(const Shelves& shelves, const std::string& volume) {
    for (unsigned long number = 1;; ++number) {
        std::string name = joined(kKeptPrefix, volume, ".", std::to_string(number));
        const auto has_it = [&](const Shelf& shelf) {
            return shelf.exists() && exists_in(shelf.fd(), name);
        };
        if (std::none_of(shelves.all().begin(), shelves.all().end(), has_it)) {
            return name;
        }
    }
}

/// Its own head is left out: it goes.
void make_labels_name(const std::string& place,
                      const std::vector<Reference>& references,
                      const std::string& volume) {
    for (const Reference& reference : references) {
        if (is_half_made(reference) || reference.bearer.name == volume) {
            continue;
        }
        Entry bearer = reference.bearer;
        Label label = bearer.label;
        label.source->volume = place;
        replace_label(bearer, label);
    }
}

bool is_stripped(const Entry& kept) {
    return kept.label.kind == Kind::whole && !kept.label.source;
}

/// Removes all that nobody stands on from what was the folder of a volume.
void strip(const Shelves& shelves, Entry& kept) {
    const int shelf = kept.shelf->fd();
    remove_tree(shelf, kept.name + kTree, kept.path(kTree));
    remove_layered_folders(*kept.shelf, kept.name);
    remove_tree(shelf, kept.name + kSnapshots, kept.path(kSnapshots));
    collect_layers(shelves, kept);
    if (kept.label.limited) {
        release_limit(*kept.shelf, kept.name);
    }
    replace_label(kept, Label{Kind::whole, {}, State::ready, {}, kept.label.owner, false});
}

/// Nothing if it bears something else than a label of ours. Without any, only the folder itself is
/// left of it.
std::optional<Entry> kept_called(const Shelf& shelf, const std::string& name) {
    const std::string text = read_link(shelf.fd(), name + "/label");
    const std::optional<Label> label = text.empty() ? Label{} : Label::parse(text);
    return label ? std::optional{Entry{&shelf, name, *label}} : std::nullopt;
}

void add_kept(const Shelf& shelf, std::vector<Entry>& found) {
    for (const std::string& name : names_on(shelf, ".")) {
        if (std::optional<Entry> kept = is_kept(name) ? kept_called(shelf, name) : std::nullopt) {
            found.push_back(*std::move(kept));
        }
    }
}

std::vector<Entry> all_kept(const Shelves& shelves) {
    std::vector<Entry> found;
    for (const Shelf& shelf : shelves.all()) {
        add_kept(shelf, found);
    }
    return found;
}

/// The volume that the folder `name` is, or was before it was to be removed.
std::string volume_of(const std::string& name) {
    const bool is_trash = name.compare(0, kTrashPrefix.size(), kTrashPrefix) == 0;
    return is_trash ? name.substr(kTrashPrefix.size()) : name;
}

bool is_needed(const Shelves& shelves, const Entry& kept) {
    return !clones_of(all_references(shelves), kept.name, nullptr).empty();
}

void keep_what_is_needed(const Shelves& shelves, Entry& kept) {
    if (!is_needed(shelves, kept)) {
        remove_volume(*kept.shelf, kept.name, {.layers = true, .limited = kept.label.limited});
    } else if (is_stripped(kept)) {
        collect_layers(shelves, kept);
    } else {
        strip(shelves, kept);
    }
}

/// The same for one that others may be about to tidy. False if nothing of it went.
bool collect(const Shelves& shelves, Entry& kept) {
    const VolumeLock lock{*kept.shelf, kept.name, VolumeLock::Mode::waiting};
    const std::size_t before = names_on(*kept.shelf, kept.name + kLayers).size();
    if (!exists_in(kept.shelf->fd(), kept.name)) {
        return false;
    }
    keep_what_is_needed(shelves, kept);
    return names_on(*kept.shelf, kept.name + kLayers).size() < before;
}

}  // namespace

bool has_inactive_clones(const Shelves& shelves, const Entry& volume) {
    const std::set<std::string> clones = all_clones(all_references(shelves), volume.name);
    for (const std::string& clone : clones) {
        require_inactive(shelves, clone, volume);
    }
    return !clones.empty();
}

void hand_over(const Shelves& shelves, Entry& volume) {
    std::vector<Reference> all = all_references(shelves);
    const std::vector<VolumeLock> locks =
        lock_bearers(references_to(all, volume.name), volume.name);
    all = all_references(shelves);  // as they are since they were locked
    const std::string place = kept_name(shelves, volume.name);
    make_labels_name(place, references_to(all, volume.name), volume.name);
    const int shelf = volume.shelf->fd();
    check(::renameat(shelf, volume.name.c_str(), shelf, place.c_str()),
          "take '",
          volume.path(),
          "' away");
    volume.name = place;
    keep_what_is_needed(shelves, volume);
}

bool stands_on_kept(const Shelf& shelf, const std::string& name, const Label& label) {
    if (label.source && is_kept(label.source->volume)) {
        return true;
    }
    const bool own_layers = label.source && label.source->volume == volume_of(name);
    if (!own_layers) {
        return false;
    }
    const std::vector<std::string> layers = names_on(shelf, name + kLayers);
    return std::any_of(layers.begin(), layers.end(), [&](const std::string& number) {
        const std::string link = joined(name, kLayers, "/", number, "/label");
        const std::optional<Label> layer = Label::parse(read_link(shelf.fd(), link));
        return layer && layer->source && is_kept(layer->source->volume);
    });
}

void collect_kept(const Shelves& shelves) {
    // What goes may be what another stood on.
    for (bool again = true; again;) {
        again = false;
        for (Entry& kept : all_kept(shelves)) {
            again = collect(shelves, kept) || again;
        }
    }
}

void finish_hand_over(const Shelves& shelves, const std::string& id, const std::string& owner) {
    for (Entry& kept : all_kept(shelves)) {
        if (original_name(kept.name) == id && kept.label.owner == owner) {
            collect(shelves, kept);
        }
    }
}

std::vector<Entry> unfinished_hand_overs(const Shelves& shelves) {
    std::vector<Entry> found = all_kept(shelves);
    const auto is_finished = [&](const Entry& kept) {
        return is_stripped(kept) && is_needed(shelves, kept);
    };
    found.erase(std::remove_if(found.begin(), found.end(), is_finished), found.end());
    return found;
}

}  // namespace brig::storage_dir
