// SPDX-License-Identifier: BSD-2-Clause
#include "provision.hpp"

#include "removal.hpp"

#include <algorithm>

namespace brig::storage_zfs {
namespace {

/// @throws Error{BRIG_CONFLICT} if the volume, which is there, was made from something else
void require_mark(const Dataset& found, const std::optional<Property>& mark) {
    std::string have;
    bool same = true;
    for (const char* name : {kSource, kOrigin}) {
        const std::string value = found.local(name);
        same = same && value == (mark && mark->name == name ? mark->value : "");
        have += value;
    }
    if (!same) {
        throw Error{BRIG_CONFLICT,
                    joined("volume '",
                           found.name,
                           "' exists already, made from ",
                           have.empty() ? "nothing" : joined("'", have, "'")),
                    "choose another name, or remove it first"};
    }
}

void require_snapshot(Zfs& zfs, const Ancestor& from) {
    if (zfs.get({"type"}, {from.snapshot}, Reach::itself).empty()) {
        zfs.require_pool(pool_of(from.snapshot));
        throw Error{BRIG_NOT_FOUND, joined("there is no snapshot '", from.mark.value, "'")};
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

/// One attempt; only if it fails is anything asked.
bool try_to_make(Volume& volume,
                 const std::optional<Ancestor>& from,
                 const Properties& properties) {
    Zfs& zfs = volume.zfs();
    return from ? zfs.clone(from->snapshot, volume.dataset(), properties)
                : zfs.create(volume.dataset(), properties);
}

std::optional<Ancestor> ancestor_of(const Zfs& zfs, const std::optional<Source>& source) {
    if (!source) {
        return std::nullopt;
    }
    return Ancestor{zfs.names().snapshot(source->volume, source->snapshot),
                    {kSource, joined(source->volume, "@", source->snapshot)}};
}

std::optional<Property> mark_of(const std::optional<Ancestor>& from) {
    return from ? std::optional{from->mark} : std::nullopt;
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

/// Unmounts what a diff() that was killed left. One that goes on has files open there.
void drop_view(Volume& volume) {
    if (volume.target().dry_run()) {
        return;
    }
    try {
        os::unmount(volume.root(Role::view), false);
    } catch (const Error&) {
        return;
    }
    volume.remove_folder(Role::view);
    if (volume.target().recovery() && !volume.zfs().modern()) {
        destroy_leftover(volume, Role::view);
    }
}

}  // namespace

Properties volume_properties(const std::string& owner, const std::string& path) {
    // canmount=noauto: neither importing the pool nor `zfs mount -a` at boot mounts it.
    return {{kOwner, owner}, {"mountpoint", path}, {"canmount", "noauto"}};
}

bool is_made(Volume& volume, const std::optional<Property>& mark) {
    const std::optional<Dataset> found = volume.find({kSource, kOrigin});
    if (found) {
        require_mark(*found, mark);
    }
    return found.has_value();
}

void make(Volume& volume, const std::optional<Ancestor>& from, const Properties& wanted) {
    static_cast<void>(volume.make_folder());
    Properties properties = volume_properties(volume.owner(), volume.root());
    if (from) {
        properties.push_back(from->mark);
    }
    properties.insert(properties.end(), wanted.begin(), wanted.end());
    if (try_to_make(volume, from, properties)) {
        volume.known().made(volume.dataset(), volume.owner());
        return;
    }
    if (is_made(volume, mark_of(from))) {
        return;
    }
    Zfs& zfs = volume.zfs();
    if (from) {
        require_snapshot(zfs, *from);
    }
    if (!parent_exists(zfs)) {
        make_parent(zfs);
        if (try_to_make(volume, from, properties)) {
            return;
        }
    }
    zfs.explain(joined("make volume '", volume.id(), "'"), wanted);
}

void provision(Volume& volume, const std::optional<Source>& source, const Properties& wanted) {
    const std::optional<Ancestor> from = ancestor_of(volume.zfs(), source);
    if (!volume.target().dry_run()) {
        make(volume, from, wanted);
        return;
    }
    if (!is_made(volume, mark_of(from)) && from) {
        require_snapshot(volume.zfs(), *from);
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
    drop_view(volume);
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

void need_parent(Zfs& zfs) {
    if (!parent_exists(zfs)) {
        make_parent(zfs);
    }
}

}  // namespace brig::storage_zfs
