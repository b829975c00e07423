// SPDX-License-Identifier: BSD-2-Clause
#include "layers.hpp"

#include "os.hpp"
#include "remove_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace brig::storage_dir {
namespace {

/// Somebody who stands on a layer.
struct Reference {
    LayerId layer;
    std::string volume;  ///< whose head or layer it is
};

std::string folder_of(const LayerId& layer) {
    return layer.volume + kLayers + "/" + layer.number;
}

bool exists(const Shelf& shelf, const std::string& name) {
    return exists_in(shelf.fd(), name);
}

/// The names in a folder of a shelf; none if either is absent.
std::vector<std::string> names_on(const Shelf& shelf, const std::string& name) {
    if (!shelf.exists()) {
        return {};
    }
    const UniqueFd fd{
        ::openat(shelf.fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd) {
        check_unless(ENOENT, -1, "open folder '", shelf.path(name), "'");
        return {};
    }
    return names_in(fd.get(), shelf.path(name));
}

bool is_hidden(const std::string& name) {
    return name.front() == '.';
}

/// A copy that has been made stands on nothing any more.
bool stands_on_source(const Entry& volume) {
    return volume.label.source.has_value()
           && (volume.label.kind == Kind::layered || !exists(*volume.shelf, volume.name + kTree));
}

void add_references(const Shelf& shelf, const std::string& name, std::vector<Reference>& found) {
    const std::string volume =
        is_hidden(name) ? name.substr(std::min(name.size(), kNewPrefix.size())) : name;
    // The head first: while freeze() runs, its source is in the new layer before it leaves here.
    if (const std::optional<Label> label = Label::parse(read_link(shelf.fd(), name + "/label"));
        label && stands_on_source({&shelf, name, *label})) {
        found.push_back({*label->source, volume});
    }
    for (const std::string& number : names_on(shelf, name + kLayers)) {
        const std::optional<Label> label =
            is_hidden(number)
                ? std::nullopt
                : Label::parse(read_link(shelf.fd(), joined(name, kLayers, "/", number, "/label")));
        if (label && label->source) {
            found.push_back({*label->source, volume});
        }
    }
}

/// Who stands on which layer, of all volumes on a shelf and those being made there.
void add_references(const Shelf& shelf, std::vector<Reference>& found) {
    for (const std::string& name : names_on(shelf, ".")) {
        if (name.compare(0, kTrashPrefix.size(), kTrashPrefix) != 0) {
            add_references(shelf, name, found);
        }
    }
}

/// Who stands on layers of `volume`.
std::vector<Reference> references_to(const Shelves& shelves, const std::string& volume) {
    std::vector<Reference> found;
    for (const Shelf& shelf : shelves.all()) {
        add_references(shelf, found);
    }
    const auto is_of_another = [&](const Reference& reference) {
        return reference.layer.volume != volume;
    };
    found.erase(std::remove_if(found.begin(), found.end(), is_of_another), found.end());
    return found;
}

/// "'a', 'b'" of the volumes other than `volume` that stand on `layer`; on any, if it is nullptr.
std::string clones_of(const std::vector<Reference>& references,
                      const std::string& volume,
                      const LayerId* layer) {
    std::string names;
    for (const Reference& reference : references) {
        if (reference.volume != volume && (layer == nullptr || reference.layer == *layer)) {
            names += (names.empty() ? "'" : ", '") + reference.volume + "'";
        }
    }
    return names;
}

[[noreturn]] void refuse_cloned(const std::string& what, const std::string& clones) {
    throw Error{BRIG_BUSY, what + " was cloned to " + clones, "remove those first"};
}

unsigned long number_of(const std::string& number) {
    return std::stoul(number);
}

/// Is `layer` that of a snapshot, or does somebody stand on it?
bool is_needed(const Shelves& shelves, const Entry& volume, const std::string& layer) {
    for (const std::string& snapshot : names_on(*volume.shelf, volume.name + kSnapshots)) {
        const std::string link = joined(volume.name, kSnapshots, "/", snapshot);
        if (read_link(volume.shelf->fd(), link) == layer) {
            return true;
        }
    }
    const std::vector<Reference> references = references_to(shelves, volume.name);
    return std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
        return reference.layer.number == layer;
    });
}

/// Removes the layers that nobody needs.
void collect_layers(const Shelves& shelves, const Entry& volume) {
    const Shelf& shelf = *volume.shelf;
    const std::string folder = volume.name + kLayers;
    std::vector<std::string> layers = names_on(shelf, folder);
    // Newest first: what an old layer carried goes before it is looked at.
    std::sort(layers.begin(), layers.end(), [](const std::string& a, const std::string& b) {
        return number_of(a) > number_of(b);
    });
    for (const std::string& number : layers) {
        if (is_needed(shelves, volume, number)) {
            continue;
        }
        // Without its label first, so that it keeps nothing while it is half removed.
        const std::string name = joined(folder, "/", number);
        const std::string label = name + "/label";
        check_unless(
            ENOENT, ::unlinkat(shelf.fd(), label.c_str(), 0), "remove '", shelf.path(label), "'");
        remove_tree(shelf.fd(), name, shelf.path(name));
    }
}

std::string next_layer(const Entry& volume) {
    unsigned long last = 0;
    for (const std::string& number : names_on(*volume.shelf, volume.name + kLayers)) {
        last = std::max(last, number_of(number));
    }
    return std::to_string(last + 1);
}

void make_folder(const Shelf& shelf, const std::string& name) {
    check_unless(EEXIST,
                 ::mkdirat(shelf.fd(), name.c_str(), S_IRWXU),
                 "make folder '",
                 shelf.path(name),
                 "'");
}

/// Makes the folder that the tree will be moved to, with the label that the volume has now.
void prepare_layer(const Entry& volume, const LayerId& layer) {
    const Shelf& shelf = *volume.shelf;
    make_folder(shelf, volume.name + kLayers);
    make_folder(shelf, folder_of(layer));
    Label label = volume.label;
    if (label.kind != Kind::layered) {
        label.kind = Kind::whole;
        label.source.reset();
    }
    check(::symlinkat(label.text().c_str(), shelf.fd(), (folder_of(layer) + "/label").c_str()),
          "label layer '",
          shelf.path(folder_of(layer)),
          "'");
}

void finish_freezing(const Entry& volume) {
    const Shelf& shelf = *volume.shelf;
    const std::string layer = folder_of(*volume.label.source);
    const std::string tree = volume.name + kTree;
    if (!exists(shelf, layer + kTree)) {
        check(::renameat(shelf.fd(), tree.c_str(), shelf.fd(), (layer + kTree).c_str()),
              "move '",
              shelf.path(tree),
              "' to its layer");
    }
    make_folder(shelf, volume.name + kSnapshots);
    const std::string link = volume.name + kSnapshots + "/" + volume.label.snapshot;
    check_unless(EEXIST,
                 ::symlinkat(volume.label.source->number.c_str(), shelf.fd(), link.c_str()),
                 "make snapshot '",
                 shelf.path(link),
                 "'");
}

}  // namespace

LayerId layer_of_snapshot(const Shelf& shelf,
                          const std::string& volume,
                          const std::string& snapshot) {
    const std::string number = read_link(shelf.fd(), volume + kSnapshots + "/" + snapshot);
    if (number.empty()) {
        throw Error{BRIG_NOT_FOUND, "volume '" + volume + "' has no snapshot '" + snapshot + "'"};
    }
    return {volume, number};
}

std::vector<Entry> layers_below(const Shelves& shelves, const LayerId& top) {
    std::vector<Entry> layers;
    for (std::optional<LayerId> next = top; next;) {
        std::optional<Entry> layer = shelves.find(folder_of(*next));
        if (!layer || layers.size() > os::kMaxLayers) {
            throw Error{BRIG_NOT_FOUND,
                        "layer '" + next->text() + "' is missing",
                        "the storage is damaged; restore its folder from a backup"};
        }
        next = layer->label.source;
        layers.push_back(*std::move(layer));
    }
    return layers;
}

void freeze(const Shelves& shelves, Entry& volume, const std::string& name, Kind kind) {
    if (volume.label.kind == Kind::layered
        && layers_below(shelves, *volume.label.source).size() >= os::kMaxLayers) {
        throw Error{BRIG_EXHAUSTED,
                    "volume '" + volume.name + "' stands on " + std::to_string(os::kMaxLayers)
                        + " layers already",
                    "remove older snapshots, or make a new image of it"};
    }
    collect_layers(shelves, volume);
    const LayerId layer{volume.name, next_layer(volume)};
    prepare_layer(volume, layer);
    replace_label(volume, Label{kind, layer, State::freezing, name, volume.label.owner});
    finish(shelves, volume);
}

void finish(const Shelves& shelves, Entry& volume) {
    if (volume.label.state == State::ready) {
        return;
    }
    if (volume.label.state == State::freezing) {
        finish_freezing(volume);
    } else {
        remove_tree(volume.shelf->fd(), volume.name + kTree, volume.path(kTree));
    }
    if (volume.label.kind == Kind::layered) {
        const std::vector<Entry> below = layers_below(shelves, *volume.label.source);
        make_layered_folders(*volume.shelf, volume.name, below.front());
    }
    Label label = volume.label;
    label.state = State::ready;
    label.snapshot.clear();
    replace_label(volume, label);
}

void forget_snapshot(const Shelves& shelves, const Entry& volume, const std::string& name) {
    const std::string link = volume.name + kSnapshots + "/" + name;
    const LayerId layer{volume.name, read_link(volume.shelf->fd(), link)};
    if (layer.number.empty()) {
        return;
    }
    const VolumeLock lock{*volume.shelf, volume.name, VolumeLock::Mode::exclusive};
    const std::string clones = clones_of(references_to(shelves, volume.name), volume.name, &layer);
    if (!clones.empty()) {
        refuse_cloned("snapshot '" + volume.name + "@" + name + "'", clones);
    }
    check_unless(ENOENT,
                 ::unlinkat(volume.shelf->fd(), link.c_str(), 0),
                 "remove snapshot '",
                 volume.path(kSnapshots),
                 "/",
                 name,
                 "'");
    collect_layers(shelves, volume);
}

void roll_back(
    const Shelves& shelves, Entry& volume, const std::string& name, Kind kind, bool discard_newer) {
    const LayerId layer = layer_of_snapshot(*volume.shelf, volume.name, name);
    for (const std::string& other : names_on(*volume.shelf, volume.name + kSnapshots)) {
        const LayerId its = layer_of_snapshot(*volume.shelf, volume.name, other);
        if (number_of(its.number) <= number_of(layer.number)) {
            continue;
        }
        if (!discard_newer) {
            throw Error{BRIG_CONFLICT,
                        joined("snapshot '",
                               other,
                               "' of volume '",
                               volume.name,
                               "' is newer than '",
                               name,
                               "'"),
                        "remove it first, or force it"};
        }
        forget_snapshot(shelves, volume, other);
    }
    replace_label(volume, Label{kind, layer, State::discarding, {}, volume.label.owner});
    finish(shelves, volume);
    const VolumeLock lock{*volume.shelf, volume.name, VolumeLock::Mode::exclusive};
    collect_layers(shelves, volume);
}

void require_no_clones(const Shelves& shelves, const Entry& volume) {
    const std::string clones = clones_of(references_to(shelves, volume.name), volume.name, nullptr);
    if (!clones.empty()) {
        refuse_cloned("volume '" + volume.name + "'", clones);
    }
}

}  // namespace brig::storage_dir
