// SPDX-License-Identifier: BSD-2-Clause
#include "volumes/use_volume.hpp"

#include "fstab.hpp"
#include "run/volume_users.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "undo.hpp"
#include "volumes/populate.hpp"

namespace brig {

namespace {

Error no_such_volume(Store& store, const std::string& name) {
    std::vector<std::string> names;
    for (const VolumeInfo& volume : store.volumes()) {
        names.push_back(volume.name);
    }
    const auto similar = nearest(name, names);
    return Error{ErrorCode::not_found, fmt::format("no volume '{}'", name)}.with_hint(
        similar ? fmt::format("did you mean '{}'?", *similar)
                : fmt::format("make it with: brig volume create {}", name));
}

/// The options that it was made with; they were checked then.
OptionMap options_of(Storage& storage, const VolumeInfo& volume) {
    Findings findings;
    OptionMap options = storage.options_for(volume.options, findings);
    findings.throw_if_any();
    return options;
}

void record_use(Ledger& ledger, const VolumeInfo& volume) {
    ledger.record(effect::kVolumeUse,
                  fmt::format("use of volume '{}' on storage '{}'", volume.name, volume.storage),
                  {{"storage", volume.storage}, {"id", volume.id}});
}

}  // namespace

VolumeInfo require_volume(Store& store, const std::string& name) {
    if (auto volume = store.find_volume(name)) {
        return *std::move(volume);
    }
    throw no_such_volume(store, name);
}

std::filesystem::path use_volume(Context& context,
                                 const std::string& id,
                                 const VolumeUse& use,
                                 Ledger& ledger) {
    const VolumeInfo& volume = use.volume;
    Storage& storage = context.instances.storage(volume.storage);
    VolumeUsers users{context.run.path(), volume.id};
    if (!context.store.has_volume(volume.id)) {
        throw no_such_volume(context.store, volume.name);  // it was removed just now
    }
    record_use(ledger, volume);
    users.add(id);
    DriverCall call = context.call_for(volume.id, volume.id);
    call.options = options_of(storage, volume);
    call.lock_fd = ledger.lock_fd();
    std::filesystem::path root = storage.activate(call).root;
    if (!use.populate_from.empty()) {
        populate_if_empty(context, use.populate_from, root, ledger.lock_fd());
    }
    return root;
}

void stop_using_volume(Context& context,
                       const std::string& id,
                       const std::string& storage,
                       const DriverCall& call) {
    VolumeUsers users{context.run.path(), call.object};
    users.remove(id);
    if (users.all().empty()) {
        context.instances.storage(storage).deactivate(call);
    }
}

std::vector<std::string> volumes_named_in(const ContainerSpec& spec) {
    std::vector<std::string> names;
    Findings unsaid;  // it was checked when it was kept
    for (const std::string& param : spec.params) {
        const std::size_t equals = param.find('=');
        if (equals == std::string::npos || param.substr(0, equals) != "mount") {
            continue;
        }
        const auto mount = parse_fstab_line(param.substr(equals + 1), "mount", unsaid);
        if (mount && mount->type == kVolumeMount) {
            names.push_back(mount->source);
        }
    }
    return names;
}

}  // namespace brig
