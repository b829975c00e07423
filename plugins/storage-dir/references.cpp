// SPDX-License-Identifier: BSD-2-Clause
#include "references.hpp"

#include "remove_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace brig::storage_dir {
namespace {

bool is_hidden(const std::string& name) {
    return name.front() == '.';
}

bool starts_with(const std::string& name, std::string_view prefix) {
    return name.compare(0, prefix.size(), prefix) == 0;
}

/// A copy that has been made stands on nothing any more.
bool stands_on_source(const Entry& volume) {
    return volume.label.source.has_value()
           && (volume.label.kind == Kind::layered
               || !exists_in(volume.shelf->fd(), volume.name + kTree));
}

/// All references on one shelf.
class Collector {
  public:
    Collector(const Shelves& shelves, std::vector<Reference>& found)
        : shelves_{shelves}, found_{found} {}

    void add(const Shelf& shelf) {
        for (const std::string& name : names_on(shelf, ".")) {
            if (!starts_with(name, kTrashPrefix)) {
                add_volume(shelf, name);
            }
        }
    }

  private:
    void add_volume(const Shelf& shelf, const std::string& name) {
        const std::string volume =
            starts_with(name, kNewPrefix) ? name.substr(kNewPrefix.size()) : name;
        // The head first: while freeze() runs, its source is in the new layer before it leaves
        // here. What is kept of a volume that is gone has no head any more, whatever it says.
        if (!is_kept(name)) {
            add_label(shelf, name, volume);
        }
        for (const std::string& number : names_on(shelf, name + kLayers)) {
            if (!is_hidden(number)) {
                add_label(shelf, joined(name, kLayers, "/", number), volume);
            }
        }
    }

    void add_label(const Shelf& shelf, const std::string& bearer, const std::string& volume) {
        std::optional<Label> label = Label::parse(read_link(shelf.fd(), bearer + "/label"));
        if (!label) {
            return;
        }
        const bool is_head = bearer.find('/') == std::string::npos;
        const Entry entry{&shelf, bearer, *std::move(label)};
        if (is_head ? stands_on_source(entry) : entry.label.source.has_value()) {
            const LayerId& source = *entry.label.source;
            found_.push_back({{shelves_.place_of(source.volume), source.number}, volume, entry});
        }
    }

    const Shelves& shelves_;
    std::vector<Reference>& found_;
};

[[noreturn]] void refuse_cloned(const std::string& what, const std::set<std::string>& clones) {
    std::string names;
    for (const std::string& clone : clones) {
        names += (names.empty() ? "'" : ", '") + clone + "'";
    }
    throw Error{BRIG_BUSY, what + " was cloned to " + names, "remove those first"};
}

unsigned long number_of(const std::string& number) {
    return std::stoul(number);
}

/// The layers of its snapshots.
std::set<std::string> layers_of_snapshots(const Entry& volume) {
    std::set<std::string> layers;
    for (const std::string& snapshot : names_on(*volume.shelf, volume.name + kSnapshots)) {
        const std::string link = joined(volume.name, kSnapshots, "/", snapshot);
        layers.insert(read_link(volume.shelf->fd(), link));
    }
    return layers;
}

void remove_layer(const Shelf& shelf, const std::string& name) {
    // Without its label first, so that it keeps nothing while it is half removed.
    const std::string label = name + "/label";
    check_unless(
        ENOENT, ::unlinkat(shelf.fd(), label.c_str(), 0), "remove '", shelf.path(label), "'");
    remove_tree(shelf.fd(), name, shelf.path(name));
}

}  // namespace

std::vector<Reference> all_references(const Shelves& shelves) {
    std::vector<Reference> found;
    Collector collector{shelves, found};
    for (const Shelf& shelf : shelves.all()) {
        collector.add(shelf);
    }
    return found;
}

std::vector<Reference> references_to(const std::vector<Reference>& all, const std::string& volume) {
    std::vector<Reference> found;
    std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&](const Reference& one) {
        return one.layer.volume == volume;
    });
    return found;
}

std::set<std::string> clones_of(const std::vector<Reference>& all,
                                const std::string& volume,
                                const LayerId* layer) {
    std::set<std::string> clones;
    for (const Reference& reference : references_to(all, volume)) {
        if (reference.volume == volume || (layer != nullptr && !(reference.layer == *layer))) {
            continue;
        }
        if (is_kept(reference.volume)) {
            clones.merge(clones_of(all, reference.volume, nullptr));
        } else {
            clones.insert(reference.volume);
        }
    }
    return clones;
}

void require_no_clones(const Shelves& shelves, const Entry& volume) {
    const std::set<std::string> clones = clones_of(all_references(shelves), volume.name, nullptr);
    if (!clones.empty()) {
        refuse_cloned("volume '" + volume.name + "'", clones);
    }
}

void require_no_clones(const Shelves& shelves,
                       const Entry& volume,
                       const std::string& snapshot,
                       const LayerId& layer) {
    const std::set<std::string> clones = clones_of(all_references(shelves), volume.name, &layer);
    if (!clones.empty()) {
        refuse_cloned("snapshot '" + volume.name + "@" + snapshot + "'", clones);
    }
}

void collect_layers(const Shelves& shelves, const Entry& volume) {
    const Shelf& shelf = *volume.shelf;
    const std::string folder = volume.name + kLayers;
    std::vector<std::string> layers = names_on(shelf, folder);
    // Newest first: what an old layer carried goes before it is looked at.
    std::sort(layers.begin(), layers.end(), [](const std::string& a, const std::string& b) {
        return number_of(a) > number_of(b);
    });
    const std::set<std::string> snapshots = layers_of_snapshots(volume);
    std::vector<Reference> references = references_to(all_references(shelves), volume.name);
    for (const std::string& number : layers) {
        const auto names_it = [&](const Reference& one) { return one.layer.number == number; };
        if (snapshots.contains(number)
            || std::any_of(references.begin(), references.end(), names_it)) {
            continue;
        }
        const std::string name = joined(folder, "/", number);
        remove_layer(shelf, name);
        const auto is_its = [&](const Reference& one) { return one.bearer.name == name; };
        references.erase(std::remove_if(references.begin(), references.end(), is_its),
                         references.end());
    }
}

}  // namespace brig::storage_dir
