// SPDX-License-Identifier: BSD-2-Clause
#include "layers.hpp"

#include "os.hpp"
#include "references.hpp"
#include "remove_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <iterator>

namespace brig::storage_dir {
namespace {

std::string folder_of(const LayerId& layer) {
    return layer.volume + kLayers + "/" + layer.number;
}

bool exists(const Shelf& shelf, const std::string& name) {
    return exists_in(shelf.fd(), name);
}

unsigned long age_of(const std::string& number) {
    return std::stoul(number);
}

std::string next_layer(const Entry& volume) {
    unsigned long last = 0;
    for (const std::string& number : names_on(*volume.shelf, volume.name + kLayers)) {
        last = std::max(last, age_of(number));
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
    label.limited = false;
    if (label.kind != Kind::layered) {
        label.source.reset();  // the kind stays: whether it was a copy of something
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

std::vector<Snapshot> snapshots_of(const Entry& volume) {
    std::vector<Snapshot> found;
    const int shelf = volume.shelf->fd();
    for (const std::string& name : names_on(*volume.shelf, volume.name + kSnapshots)) {
        const std::string link = joined(volume.name, kSnapshots, "/", name);
        const std::string number = read_link(shelf, link);
        struct stat status {};
        if (!number.empty() && ::fstatat(shelf, link.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            found.push_back({name, {volume.name, number}, status.st_mtime});
        }
    }
    // By their layers: somebody may have set the clock.
    std::sort(found.begin(), found.end(), [](const Snapshot& a, const Snapshot& b) {
        return age_of(a.layer.number) < age_of(b.layer.number);
    });
    return found;
}

std::vector<Entry> layers_below(const Shelves& shelves, const LayerId& top) {
    std::vector<Entry> layers;
    for (std::optional<LayerId> next = top; next;) {
        std::optional<Entry> layer = shelves.find_layer(*next);
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

UniqueFd open_tree(const Entry& layer) {
    UniqueFd tree{os::open_child(layer.shelf->fd(), (layer.name + kTree).c_str())};
    check(tree.get(), "open layer '", layer.path(), "'");
    return tree;
}

std::vector<UniqueFd> open_trees(const std::vector<Entry>& layers) {
    std::vector<UniqueFd> trees;
    trees.reserve(layers.size());
    std::transform(layers.begin(), layers.end(), std::back_inserter(trees), open_tree);
    return trees;
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
    Label label = volume.label;
    label.kind = kind;
    label.source = layer;
    label.state = State::freezing;
    label.snapshot = name;
    replace_label(volume, label);
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
        make_layered_folders(*volume.shelf, volume.name, below.front(), volume.label);
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
    require_no_clones(shelves, volume, name, layer);
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
        if (age_of(its.number) <= age_of(layer.number)) {
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
    Label label = volume.label;
    label.kind = kind;
    label.source = layer;
    label.state = State::discarding;
    replace_label(volume, label);
    finish(shelves, volume);
    collect_layers(shelves, volume);
}

}  // namespace brig::storage_dir
