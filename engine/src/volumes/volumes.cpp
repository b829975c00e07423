// SPDX-License-Identifier: BSD-2-Clause
#include "volumes/volumes.hpp"

#include "events/announce.hpp"
#include "find.hpp"
#include "launch.hpp"
#include "run/volume_users.hpp"
#include "spec/names.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "undo.hpp"
#include "volumes/use_volume.hpp"

#include <algorithm>

namespace brig {

namespace {

bool has_object_of(Storage& storage, const std::string& tag) {
    const std::vector<ListedObject> all = storage.list();
    return std::any_of(
        all.begin(), all.end(), [&](const ListedObject& each) { return each.owner_tag == tag; });
}

/// The volume called `id` on one of the storages, although there is no record of it.
std::optional<VolumeInfo> find_orphan(Context& context, const std::string& id) {
    if (!id.starts_with(kVolumePrefix)) {
        return std::nullopt;
    }
    for (const InstanceSettings& instance : context.settings.storages) {
        if (has_object_of(context.instances.storage(instance.name), context.owner_tag(id))) {
            return VolumeInfo{id, id, instance.name, {}, {}};
        }
    }
    return std::nullopt;
}

std::vector<std::string> users_among(Context& context,
                                     const VolumeInfo& volume,
                                     const VolumeUsers& running) {
    std::vector<std::string> names;
    for (const std::string& id : running.all()) {
        names.push_back(name_of_container(context, id));
    }
    for (const ContainerRecord& record : context.store.containers()) {
        const std::vector<std::string> used = volumes_named_in(record.spec);
        if (std::any_of(used.begin(), used.end(), [&](const std::string& name) {
                return name == volume.name || name == volume.id;
            })) {
            names.push_back(record.name);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

void announce_volume(const Context& context, EventAction action, const VolumeInfo& volume) {
    announce(
        context,
        {{}, EventSubject::volume, action, volume.id, volume.name, {{"storage", volume.storage}}});
}

void destroy(Context& context, const VolumeInfo& volume) {
    destroy_kept(
        context, volume.storage, volume.id, [&] { context.store.remove_volume(volume.id); });
    announce_volume(context, EventAction::removed, volume);
}

}  // namespace

VolumeInfo create_volume(Context& context, const VolumeSpec& spec) {
    VolumeInfo volume;
    volume.id = kVolumePrefix + new_id();
    volume.name = spec.name.empty() ? volume.id : spec.name;
    volume.storage = spec.storage.empty() ? context.settings.default_storage : spec.storage;
    volume.options = spec.options;
    volume.created = std::chrono::system_clock::now();
    require_volume_name(volume.name);
    if (context.store.find_volume(volume.name)) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("there is a volume '{}' already", volume.name)}
            .with_hint("choose another name");
    }
    Storage& storage = context.instances.storage(volume.storage);
    Findings findings;
    DriverCall call = context.call_for(volume.id, volume.id);
    call.options = storage.options_for(volume.options, findings);
    findings.throw_if_any();

    Ledger ledger = context.run.open(volume.id);
    TearDownUnlessKept undo{context, volume.id, ledger};
    call.lock_fd = ledger.lock_fd();
    record_volume(ledger, volume.storage, volume.id);
    storage.provision(call, std::nullopt);
    context.store.add_volume(volume);
    // From here on the record keeps the volume: tearing down destroys nothing.
    undo.keep();
    close_run(context, volume.id, ledger);
    announce_volume(context, EventAction::created, volume);
    return volume;
}

std::vector<std::string> users_of_volume(Context& context, const VolumeInfo& volume) {
    return users_among(context, volume, VolumeUsers{context.run.path(), volume.id});
}

void remove_volume(Context& context, const std::string& reference) {
    const auto orphan =
        context.store.find_volume(reference) ? std::nullopt : find_orphan(context, reference);
    const VolumeInfo volume = orphan ? *orphan : require_volume(context.store, reference);
    const VolumeUsers running{context.run.path(), volume.id};
    const std::vector<std::string> users = users_among(context, volume, running);
    if (!users.empty()) {
        throw Error{ErrorCode::conflict,
                    fmt::format("volume '{}' is used by {}", volume.name, join(users, ", "))}
            .with_hint("remove these containers first: brig rm " + join(users, " "));
    }
    destroy(context, volume);
}

std::vector<VolumeInfo> prune_volumes(Context& context, bool dry_run) {
    std::vector<VolumeInfo> pruned;
    for (const VolumeInfo& volume : context.store.volumes()) {
        const VolumeUsers running{context.run.path(), volume.id};
        if (!users_among(context, volume, running).empty()) {
            continue;
        }
        if (!dry_run) {
            destroy(context, volume);
        }
        pruned.push_back(volume);
    }
    return pruned;
}

std::optional<VolumeUsage> usage_of(Context& context,
                                    const std::string& storage,
                                    const std::string& id) {
    try {
        return context.instances.storage(storage).usage(context.call_for(id, id));
    } catch (const Error& error) {
        // A list is worth having without one number in it.
        context.log.debug("the size of {}: {}", id, full_message(error));
        return std::nullopt;
    }
}

}  // namespace brig
