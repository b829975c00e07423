// SPDX-License-Identifier: BSD-2-Clause
#include "provision.hpp"

#include <algorithm>

namespace brig::storage_zfs {
namespace {

/// @throws Error{BRIG_CONFLICT} if the volume, which is there, was made from something else
void require_source(const Dataset& found, const std::optional<Source>& source) {
    const std::string have = found.local(kSource);
    const std::string want = source ? joined(source->volume, "@", source->snapshot) : "";
    if (have != want) {
        throw Error{BRIG_CONFLICT,
                    joined("volume '",
                           found.name,
                           "' exists already, made from ",
                           have.empty() ? "nothing" : joined("'", have, "'")),
                    "choose another name, or remove it first"};
    }
}

bool is_done(Volume& volume, const std::optional<Source>& source) {
    const std::optional<Dataset> found = volume.find({kSource});
    if (found) {
        require_source(*found, source);
    }
    return found.has_value();
}

void require_snapshot(Zfs& zfs, const Source& source) {
    const std::string name = zfs.names().snapshot(source.volume, source.snapshot);
    if (zfs.get({"type"}, {name}, Reach::itself).empty()) {
        zfs.require_pool();
        throw Error{BRIG_NOT_FOUND,
                    joined("there is no snapshot '", source.volume, "@", source.snapshot, "'")};
    }
}

bool parent_exists(Zfs& zfs) {
    const std::vector<Dataset> found = zfs.get({"type"}, {zfs.names().parent()}, Reach::itself);
    if (!found.empty() && found.front().text("type") != "filesystem") {
        throw Error{BRIG_INVALID,
                    joined("'", zfs.names().parent(), "' is no file system"),
                    "set 'dataset' to one, or to a name that is free"};
    }
    return !found.empty();
}

/// One attempt; only if it fails is anything asked.
bool try_to_make(Volume& volume,
                 const std::optional<Source>& source,
                 const Properties& properties) {
    Zfs& zfs = volume.zfs();
    return source ? zfs.clone(
               zfs.names().snapshot(source->volume, source->snapshot), volume.dataset(), properties)
                  : zfs.create(volume.dataset(), properties);
}

void make(Volume& volume, const std::optional<Source>& source, const Properties& wanted) {
    static_cast<void>(volume.make_folder());
    Properties properties = volume_properties(volume.owner(), volume.root());
    if (source) {
        properties.push_back({kSource, joined(source->volume, "@", source->snapshot)});
    }
    properties.insert(properties.end(), wanted.begin(), wanted.end());
    if (try_to_make(volume, source, properties)) {
        volume.known().made(volume.dataset(), volume.owner());
        return;
    }
    if (is_done(volume, source)) {
        return;
    }
    Zfs& zfs = volume.zfs();
    if (source) {
        require_snapshot(zfs, *source);
    } else if (!parent_exists(zfs)) {
        make_parent(zfs);
        if (try_to_make(volume, source, properties)) {
            return;
        }
    }
    zfs.explain(joined("make volume '", volume.id(), "'"), wanted);
}

Properties missing(const Dataset& found, const Properties& wanted) {
    Properties properties;
    for (const Property& property : wanted) {
        const std::string have = found.text(property.name);
        const bool none = property.value == "none" && have == "0";
        if (have != property.value && !none) {
            properties.push_back(property);
        }
    }
    return properties;
}

void adjust(Volume& volume, const Properties& wanted) {
    const std::string path = volume.root();
    Properties all{{"mountpoint", path}, {"canmount", "noauto"}};
    all.insert(all.end(), wanted.begin(), wanted.end());
    std::vector<std::string> names;
    for (const Property& property : all) {
        names.push_back(property.name);
    }
    if (volume.zfs().modern()) {
        names.emplace_back("keystatus");
    }
    const Dataset found = volume.get(names);
    if (found.text("keystatus") == "unavailable") {
        throw Error{BRIG_UNAVAILABLE,
                    joined("volume '", volume.id(), "' is encrypted and locked"),
                    joined("zfs load-key ", volume.zfs().names().parent())};
    }
    const Properties changes = missing(found, all);
    if (!volume.zfs().set(found.name, changes)) {
        volume.zfs().explain(joined("change volume '", volume.id(), "'"), changes);
    }
}

}  // namespace

Properties volume_properties(const std::string& owner, const std::string& path) {
    // canmount=noauto: neither importing the pool nor `zfs mount -a` at boot mounts it.
    return {{kOwner, owner}, {"mountpoint", path}, {"canmount", "noauto"}};
}

void provision(Volume& volume, const std::optional<Source>& source, const Properties& wanted) {
    if (!volume.target().dry_run()) {
        make(volume, source, wanted);
        return;
    }
    if (!is_done(volume, source) && source) {
        require_snapshot(volume.zfs(), *source);
    }
}

void activate(Volume& volume, const Properties& wanted) {
    if (volume.target().dry_run()) {
        static_cast<void>(volume.find({}));
        return;
    }
    const bool fresh = volume.known().take_made(volume.dataset(), volume.owner());
    // Before anything is set: zfs would mount it elsewhere for that.
    static_cast<void>(volume.find_mount());
    if (!fresh) {
        adjust(volume, wanted);
    }
    volume.mount();
    if (const std::optional<os::Mount> mount = volume.find_mount()) {
        volume.known().mounted(volume.dataset(), volume.owner(), mount->id);
    }
}

void deactivate(Volume& volume) {
    const std::optional<os::Mount> mount = volume.find_mount();
    // A mount without the mark is idle (see mark_active), unless a process died just before it.
    if (!mount || (!mount->active && !volume.target().recovery())) {
        return;
    }
    const bool known = volume.known().is_mounted(volume.dataset(), volume.owner(), mount->id);
    if (!known) {
        static_cast<void>(volume.find({}));
    }
    if (volume.target().dry_run()) {
        return;
    }
    if (volume.target().force()) {
        volume.zfs().call().warn(joined("unmounting '", mount->path, "' even if it is in use"));
    }
    os::unmount(mount->path, volume.target().force());
    if (known) {
        volume.known().unmounted(volume.dataset(), volume.owner());
    }
}

sdk::Condition check(Volume& volume) {
    const std::vector<Dataset> found =
        volume.zfs().get({"type", kOwner, "canmount"},
                         {volume.dataset(), volume.dataset(Role::trash)},
                         Reach::itself);
    const Dataset* dataset = find_dataset(found, volume.dataset());
    if (dataset == nullptr) {
        volume.zfs().require_pool();
        return found.empty() ? sdk::Condition::absent : sdk::Condition::drifted;
    }
    const bool sound = dataset->text("type") == "filesystem"
                       && dataset->local(kOwner) == volume.owner()
                       && dataset->text("canmount") == "noauto";
    return sound ? sdk::Condition::sound : sdk::Condition::drifted;
}

void require_ready(Zfs& zfs) {
    zfs.require_pool();
    std::vector<std::string> properties{"type", "available"};
    if (zfs.modern()) {
        properties.emplace_back("keystatus");
    }
    std::string parent = zfs.names().parent();
    std::vector<Dataset> found = zfs.get(properties, {parent}, Reach::itself);
    if (found.empty()) {
        parent.resize(std::min(parent.rfind('/'), parent.size()));
        found = zfs.get(properties, {parent}, Reach::itself);
    }
    if (found.empty() || found.front().text("type") != "filesystem") {
        throw Error{BRIG_INVALID,
                    joined("there is no file system '", parent, "'"),
                    joined("make it: zfs create -p ", parent)};
    }
    if (found.front().text("keystatus") == "unavailable") {
        throw Error{BRIG_UNAVAILABLE,
                    joined("'", parent, "' is encrypted and locked"),
                    joined("zfs load-key ", parent)};
    }
    if (found.front().number("available") == 0) {
        throw Error{BRIG_EXHAUSTED,
                    joined("there is no space left in '", parent, "'"),
                    "make room, or raise its quota"};
    }
}

void make_parent(Zfs& zfs) {
    const std::string& parent = zfs.names().parent();
    const bool made =
        zfs.create(parent, {{kParent, "on"}, {"mountpoint", "none"}, {"canmount", "off"}});
    // Another process may have been faster.
    if (!made && !parent_exists(zfs)) {
        zfs.require_pool();
        const std::string above = parent.substr(0, parent.rfind('/'));
        if (zfs.get({"type"}, {above}, Reach::itself).empty()) {
            throw Error{BRIG_NOT_FOUND,
                        joined("there is no dataset '", above, "' to make '", parent, "' in"),
                        joined("zfs create -p ", above)};
        }
        zfs.explain(joined("make dataset '", parent, "'"));
    }
}

}  // namespace brig::storage_zfs
