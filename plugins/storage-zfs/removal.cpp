// SPDX-License-Identifier: BSD-2-Clause
#include "removal.hpp"

#include <poll.h>

#include <algorithm>
#include <iterator>

namespace brig::storage_zfs {
namespace {

bool is_shared(const Snapshot& snapshot) {
    return snapshot.name.compare(0, kSharedPrefix.size(), kSharedPrefix) == 0;
}

std::vector<std::string> spoken_names(const Names& names, const std::vector<std::string>& all) {
    std::vector<std::string> spoken;
    spoken.reserve(all.size());
    std::transform(all.begin(), all.end(), std::back_inserter(spoken), [&](const auto& each) {
        return names.spoken(each);
    });
    return spoken;
}

[[noreturn]] void refuse_cloned(const Zfs& zfs,
                                const Dataset& dataset,
                                const std::vector<std::string>& clones) {
    throw Error{BRIG_BUSY,
                joined("volume '",
                       zfs.names().spoken(dataset.name),
                       "' is needed by what was cloned from it: ",
                       quoted(spoken_names(zfs.names(), clones))),
                "remove that first"};
}

void require_own(const Dataset& dataset, const Snapshot& snapshot) {
    if (snapshot.owner.empty() && dataset.local(kReceiving) != snapshot.name) {
        throw Error{
            BRIG_CONFLICT,
            joined("snapshot '", dataset.name, "@", snapshot.name, "' was not made by brig"),
            joined("if it is not needed: zfs destroy ", dataset.name, "@", snapshot.name)};
    }
    if (snapshot.held) {
        throw Error{BRIG_BUSY,
                    joined("snapshot '", dataset.name, "@", snapshot.name, "' is held"),
                    joined("zfs holds ",
                           dataset.name,
                           "@",
                           snapshot.name,
                           " shows by whom; zfs release lets go")};
    }
}

/// Everything that forbids to destroy a volume, found before anything is changed.
void require_destroyable(Volume& volume, const Dataset& dataset) {
    if (!dataset.children.empty()) {
        throw Error{BRIG_CONFLICT,
                    joined("volume '",
                           volume.id(),
                           "' has datasets in it that brig did not make: ",
                           quoted(dataset.children)),
                    "destroy or rename them first"};
    }
    for (const Snapshot& snapshot : dataset.snapshots) {
        require_own(dataset, snapshot);
        // Nobody can know that clones stand on what their volume took over, so that goes on.
        if (!snapshot.clones.empty() && !is_shared(snapshot) && !volume.target().promote()) {
            refuse_cloned(volume.zfs(), dataset, snapshot.clones);
        }
    }
}

/// @throws Error{BRIG_BUSY} for clones that are not this storage's
void require_promotable(const Zfs& zfs, const Dataset& dataset) {
    std::vector<std::string> foreign;
    for (const Snapshot& snapshot : dataset.snapshots) {
        std::copy_if(snapshot.clones.begin(),
                     snapshot.clones.end(),
                     std::back_inserter(foreign),
                     [&](const std::string& clone) { return !zfs.names().find(clone); });
    }
    if (!foreign.empty()) {
        refuse_cloned(zfs, dataset, foreign);
    }
}

/// zfs-fuse unmounts the clones of a snapshot to rename it, although they are in use.
/// @throws Error{BRIG_BUSY}
void require_idle(const Zfs& zfs, const Dataset& dataset) {
    if (zfs.modern()) {
        return;
    }
    std::vector<std::string> clones;
    for (const Snapshot& snapshot : dataset.snapshots) {
        if (!is_shared(snapshot)) {
            clones.insert(clones.end(), snapshot.clones.begin(), snapshot.clones.end());
        }
    }
    if (clones.empty()) {
        return;
    }
    for (const os::Mount& mount : os::mounts()) {
        if (mount.active && std::find(clones.begin(), clones.end(), mount.source) != clones.end()) {
            throw Error{
                BRIG_BUSY,
                joined("volume '",
                       zfs.names().spoken(mount.source),
                       "', which is to take over, is active, and this ZFS would unmount it"),
                "stop what uses it first"};
        }
    }
}

/// Gives those snapshots that go to the clone with `count` of them a name that it cannot have yet.
void rename_shared(Zfs& zfs, const Dataset& dataset, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const Snapshot& snapshot = dataset.snapshots[i];
        if (is_shared(snapshot)) {
            continue;
        }
        const std::string from = joined(dataset.name, "@", snapshot.name);
        if (!zfs.rename(from, joined(dataset.name, "@", kSharedPrefix, snapshot.guid))) {
            zfs.explain(joined("rename snapshot '", from, "'"));
        }
    }
}

/// Gives the snapshots that have clones away to one of them, the newest first, until none has.
Dataset promote_clones(Volume& volume, Dataset dataset) {
    Zfs& zfs = volume.zfs();
    for (std::size_t i = dataset.snapshots.size(); i > 0; --i) {
        const std::vector<std::string> clones = dataset.snapshots[i - 1].clones;
        if (clones.empty()) {
            continue;
        }
        rename_shared(zfs, dataset, i);
        if (!zfs.run({"promote", clones.front()})) {
            zfs.explain(joined("let '", zfs.names().spoken(clones.front()), "' take over"));
        }
        // With that snapshot all that are older went.
        dataset.snapshots.erase(dataset.snapshots.begin(),
                                dataset.snapshots.begin() + static_cast<std::ptrdiff_t>(i));
        break;
    }
    return dataset;
}

/// A file system that was just unmounted may take a moment to be let go, as zfs-fuse's do.
bool destroy_patiently(Zfs& zfs, const std::string& dataset) {
    constexpr int kAttempts = 40;
    constexpr int kPause = 50;
    for (int attempt = 1; !zfs.destroy(dataset); ++attempt) {
        if (zfs.get({"type"}, {dataset}, Reach::itself).empty()) {
            zfs.require_pool();
            return true;
        }
        if (attempt == kAttempts) {
            return false;
        }
        ::poll(nullptr, 0, kPause);
    }
    return true;
}

/// `dataset` without its snapshots, then itself.
void destroy_all(Volume& volume, const Dataset& dataset) {
    std::vector<std::string> names;
    for (const Snapshot& snapshot : dataset.snapshots) {
        names.push_back(snapshot.name);
    }
    Zfs& zfs = volume.zfs();
    if (zfs.destroy_snapshots(dataset.name, names) && destroy_patiently(zfs, dataset.name)) {
        return;
    }
    zfs.require_pool();
    throw Error{BRIG_BUSY,
                joined("volume '", volume.id(), "' is still in use, though it is not mounted"),
                "a process that had files of it open when it was unmounted by force may live on"};
}

/// Renames it, so that it is not there any more, whatever happens next.
Dataset to_trash(Volume& volume, Dataset dataset) {
    const std::string trash = volume.dataset(Role::trash);
    if (dataset.snapshots.empty() || dataset.name == trash) {
        return dataset;
    }
    if (!volume.zfs().rename(dataset.name, trash)) {
        volume.zfs().explain(joined("rename volume '", volume.id(), "' to '", trash, "'"));
    }
    dataset.name = trash;
    return dataset;
}

void destroy_found(Volume& volume, Dataset dataset) {
    volume.zfs().find_clones(dataset);
    require_destroyable(volume, dataset);
    require_promotable(volume.zfs(), dataset);
    require_idle(volume.zfs(), dataset);
    if (volume.target().dry_run()) {
        return;
    }
    dataset = promote_clones(volume, std::move(dataset));
    destroy_all(volume, to_trash(volume, std::move(dataset)));
}

/// Its datasets with all that is needed to destroy them.
std::vector<Dataset> look(Volume& volume, const std::vector<Role>& roles) {
    std::vector<std::string> names;
    names.reserve(roles.size());
    for (const Role role : roles) {
        names.push_back(volume.dataset(role));
    }
    return volume.zfs().get({"type", kReceiving, kOrigin}, names, Reach::one_below);
}

bool is_ours(const Volume& volume, const Dataset& leftover) {
    return leftover.local(kOwner) == volume.owner();
}

/// Whose the snapshot of a dataset of the host is; nothing if it is not there. That is believed
/// only of an answer that has the pool in it: what asked could have failed.
std::optional<std::string> owner_of(const Zfs& zfs, const Origin& snapshot) {
    const std::string pool = pool_of(snapshot.dataset);
    std::vector<std::string> names{pool, snapshot.text()};
    if (snapshot.dataset != pool) {
        names.push_back(snapshot.dataset);
    }
    require_pool_responds(pool);
    const std::vector<Dataset> all = zfs.get({kOwner}, names, Reach::itself);
    if (find_dataset(all, pool) == nullptr) {
        zfs.require_pool(pool);
        throw Error{BRIG_UNAVAILABLE,
                    joined("cannot find out whether there is a snapshot '", snapshot.text(), "'")};
    }
    const Dataset* dataset = find_dataset(all, snapshot.dataset);
    const Snapshot* found =
        dataset == nullptr ? nullptr : dataset->find_snapshot(snapshot.snapshot);
    return found == nullptr ? std::nullopt : std::optional{found->owner};
}

/// Destroys the snapshot that was taken of a dataset to make the volume of it: only the one that is
/// called and tagged as this volume's, on whatever dataset `leftover` names.
void destroy_own_snapshot(Volume& volume, const Dataset& leftover) {
    const std::string named = leftover.local(kOrigin);
    const std::string dataset = named.substr(0, named.find('@'));
    if (named != Names::own_snapshot(dataset, volume.id())) {
        return;  // somebody has been at it
    }
    Zfs& zfs = volume.zfs();
    if (owner_of(zfs, parse_origin(named)) != volume.owner() || volume.target().dry_run()) {
        return;
    }
    if (!zfs.destroy_when_unused(named)) {
        const std::string attempt = joined("destroy snapshot '", named, "'");
        zfs.require_pool(pool_of(named));
        zfs.require_writable(pool_of(named), attempt);
        zfs.explain(attempt);
    }
}

void destroy_leftover(Volume& volume, const std::vector<Dataset>& found, Role role) {
    const Dataset* leftover = find_dataset(found, volume.dataset(role));
    if (leftover == nullptr || !is_ours(volume, *leftover)) {
        return;
    }
    if (role == Role::origin) {
        destroy_own_snapshot(volume, *leftover);
    }
    const std::string path = volume.root(role);
    if (!volume.target().dry_run()) {
        os::unmount(path, false);
    }
    destroy_found(volume, *leftover);
    volume.remove_folder(role);
}

/// Without looking at it again: zfs refuses to destroy what meanwhile has snapshots or children.
bool destroy_known(Volume& volume) {
    const bool known = volume.known().is_unmounted(volume.dataset(), volume.owner());
    volume.known().forget(volume.dataset());
    if (!known || volume.target().dry_run() || !volume.zfs().destroy(volume.dataset())) {
        return false;
    }
    volume.remove_folder();
    return true;
}

}  // namespace

void require_removable(const Zfs& zfs, const Dataset& dataset, const Snapshot& snapshot) {
    require_own(dataset, snapshot);
    if (!snapshot.clones.empty()) {
        refuse_cloned(zfs, dataset, snapshot.clones);
    }
}

void destroy_leftover(Volume& volume, Role role) {
    destroy_leftover(volume, look(volume, {role}), role);
}

void destroy(Volume& volume) {
    if (const std::optional<os::Mount> mount = volume.find_mount(); mount && mount->active) {
        volume.require_inactive();
    }
    if (!volume.target().dry_run()) {
        os::unmount(volume.root(Role::view), false);
    }
    if (destroy_known(volume)) {
        return;
    }
    const std::vector<Dataset> found =
        look(volume, {Role::volume, Role::trash, Role::origin, Role::incoming, Role::view});
    if (found.empty()) {
        volume.zfs().require_pool();
    }
    // The snapshot of ".from-ID" goes with its clone, so it is told to before that goes.
    for (const Role role : {Role::view, Role::origin, Role::incoming, Role::trash}) {
        destroy_leftover(volume, found, role);
    }
    if (const Dataset* dataset = find_dataset(found, volume.dataset())) {
        volume.require_ours(*dataset);
        if (!volume.target().dry_run()) {
            volume.require_inactive();
        }
        destroy_found(volume, *dataset);
    }
    if (!volume.target().dry_run()) {
        volume.remove_folder();
    } else if (found.size() == 1 && found.front().name == volume.dataset()
               && found.front().snapshots.empty()) {
        volume.known().unmounted(volume.dataset(), volume.owner());
    }
}

}  // namespace brig::storage_zfs
