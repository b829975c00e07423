// SPDX-License-Identifier: BSD-2-Clause
#include "snapshots.hpp"

#include "removal.hpp"

#include <algorithm>

namespace brig::storage_zfs {
namespace {

[[noreturn]] void refuse_foreign(const Dataset& dataset, const std::string& name) {
    throw Error{BRIG_CONFLICT,
                joined("snapshot '", dataset.name, "@", name, "' was not made by brig"),
                "choose another name, or destroy it with zfs destroy"};
}

/// The names of the snapshots that are newer than `name`.
std::vector<std::string> newer_than(const Dataset& dataset, const std::string& name) {
    auto it = std::find_if(dataset.snapshots.begin(),
                           dataset.snapshots.end(),
                           [&](const Snapshot& each) { return each.name == name; });
    std::vector<std::string> names;
    for (++it; it != dataset.snapshots.end(); ++it) {
        names.push_back(it->name);
    }
    return names;
}

/// Takes the newer ones out of the way, if that is allowed and possible for all of them.
void clear_way(Volume& volume, Dataset& dataset, const std::string& name) {
    const std::vector<std::string> newer = newer_than(dataset, name);
    if (newer.empty()) {
        return;
    }
    if (!volume.target().force()) {
        throw Error{
            BRIG_CONFLICT,
            joined("newer snapshots of volume '", volume.id(), "' are in the way: ", quoted(newer)),
            "remove them first, or use force to lose them"};
    }
    volume.zfs().find_clones(dataset);
    for (const std::string& each : newer) {
        require_removable(volume.zfs(), dataset, *dataset.find_snapshot(each));
    }
    if (!volume.target().dry_run() && !volume.zfs().destroy_snapshots(dataset.name, newer)) {
        volume.zfs().explain(joined("destroy newer snapshots of volume '", volume.id(), "'"));
    }
}

}  // namespace

void take_snapshot(Volume& volume, const std::string& name) {
    Zfs& zfs = volume.zfs();
    const std::string full = zfs.names().snapshot(volume.id(), name);
    const Dataset dataset = volume.get({}, Reach::one_below);
    if (const Snapshot* snapshot = dataset.find_snapshot(name)) {
        if (snapshot->owner.empty()) {
            refuse_foreign(dataset, name);
        }
        return;
    }
    if (!volume.target().dry_run() && !zfs.snapshot(full, {{kOwner, volume.owner()}})) {
        zfs.explain(joined("take snapshot '", full, "'"));
    }
}

void destroy_snapshot(Volume& volume, const std::string& name) {
    const std::string full = volume.zfs().names().snapshot(volume.id(), name);
    std::optional<Dataset> dataset = volume.find({}, Reach::one_below);
    if (!dataset || dataset->find_snapshot(name) == nullptr) {
        return;
    }
    volume.zfs().find_clones(*dataset);
    require_removable(volume.zfs(), *dataset, *dataset->find_snapshot(name));
    if (!volume.target().dry_run() && !volume.zfs().destroy_snapshots(dataset->name, {name})) {
        volume.zfs().explain(joined("destroy snapshot '", full, "'"));
    }
}

void roll_back(Volume& volume, const std::string& name) {
    const std::string full = volume.zfs().names().snapshot(volume.id(), name);
    Dataset dataset = volume.get({}, Reach::one_below);
    if (dataset.find_snapshot(name) == nullptr) {
        throw Error{BRIG_NOT_FOUND,
                    joined("volume '", volume.id(), "' has no snapshot '", name, "'")};
    }
    volume.require_inactive();
    clear_way(volume, dataset, name);
    if (!volume.target().dry_run() && !volume.zfs().run_unmounted({"rollback", "--", full})) {
        volume.zfs().explain(joined("return volume '", volume.id(), "' to '", name, "'"));
    }
}

void report_snapshots(Volume& volume) {
    for (const Snapshot& snapshot : volume.get({}, Reach::one_below).snapshots) {
        if (snapshot.name.compare(0, kSharedPrefix.size(), kSharedPrefix) != 0) {
            volume.zfs().call().item(snapshot.owner, snapshot.name, snapshot.creation);
        }
    }
}

}  // namespace brig::storage_zfs
