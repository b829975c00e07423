// SPDX-License-Identifier: BSD-2-Clause
#include "define.hpp"

#include "brig/driver.h"
#include "find.hpp"
#include "fstab.hpp"
#include "param_values.hpp"
#include "support/check.hpp"
#include "volumes/use_volume.hpp"

#include <algorithm>

namespace brig {

namespace {

/// Where the root is, or will be.
std::string root_of(const Context& context, const Launch& launch) {
    if (launch.storage == nullptr) {
        return launch.spec.root;
    }
    DriverCall volume = context.call_for(launch.id, launch.id);
    volume.flags = BRIG_F_DRY_RUN;
    return launch.storage->activate(volume).root;
}

/// Gives the list `name` these values; without any it is as if nobody had named it.
void set_list(ParamList& params, const char* name, std::vector<std::string> values) {
    const auto entry = std::find_if(
        params.begin(), params.end(), [&](const Param& param) { return param.name == name; });
    if (entry == params.end() && !values.empty()) {
        params.push_back({name, ParamType::string_list, ParamPerformer::engine, values, {}});
    } else if (entry != params.end() && values.empty() && !entry->values.empty()) {
        params.erase(entry);
    } else if (entry != params.end()) {
        entry->values = std::move(values);
    }
}

/// A data volume as what jail(8) knows: the directory where it is on the host.
void name_volume_for_jail(const Context& context, Mount& mount) {
    if (mount.type != kVolumeMount) {
        return;
    }
    const VolumeInfo volume = require_volume(context.store, mount.source);
    DriverCall call = context.call_for(volume.id, volume.id);
    call.flags = BRIG_F_DRY_RUN;
    mount.source = context.instances.storage(volume.storage).activate(call).root;
    mount.type = "nullfs";
    std::erase(mount.options, kPopulate);
}

/// `mount` and `mount.fstab` as jail(8) takes them, with targets on the host. A file stays where it
/// is written so; its lines join the others where it is not, which jail(8) mounts first anyway.
void name_targets_for_jail(const Context& context, const std::string& root, ParamList& params) {
    Findings unsaid;  // there are none: the launch was resolved
    std::vector<std::string> lines;
    for (const std::string& line : param_list(params, "mount")) {
        if (auto mount = parse_fstab_line(line, "mount", unsaid)) {
            const bool is_kept =
                mount->type != kVolumeMount && path_in_root(mount->target, root) != mount->target;
            name_volume_for_jail(context, *mount);
            lines.push_back(is_kept ? line : to_fstab_line(*mount, root));
        }
    }
    std::vector<std::string> files;
    for (const std::string& file : param_list(params, "mount.fstab")) {
        const std::vector<Mount> mounts = read_fstab(file, unsaid);
        const bool is_kept = std::all_of(mounts.begin(), mounts.end(), [&](const Mount& mount) {
            return path_in_root(mount.target, root) != mount.target;
        });
        if (is_kept) {
            files.push_back(file);
            continue;
        }
        for (const Mount& mount : mounts) {
            lines.push_back(to_fstab_line(mount, root));
        }
    }
    set_list(params, "mount", std::move(lines));
    set_list(params, "mount.fstab", std::move(files));
}

}  // namespace

ContainerDefinition define(const Context& context, const Launch& launch, const std::string& root) {
    ContainerDefinition container;
    container.id = launch.id;
    container.spec = launch.spec;
    container.root = root;
    const bool has_own_root = launch.storage == nullptr;
    // What is run in the place of no command is brig's affair, and so are the defaults that
    // jail(8) has as well.
    container.command = has_own_root ? launch.spec.command : launch.command;
    for (const Param& param : launch.params) {
        if (!has_own_root || param.origin.kind != Origin::Kind::engine_default) {
            container.params.push_back(param);
        }
    }
    name_targets_for_jail(context, root, container.params);
    return container;
}

ContainerDefinition define_container(Context& context, const std::string& id) {
    const auto record = context.store.find_container_by_id(id);
    if (!record) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' is ephemeral", id)}.with_hint(
            "what is run with --rm is not kept, and has no definition");
    }
    const Launch launch = resolve_record(context, *record);
    ContainerDefinition container = define(context, launch, root_of(context, launch));
    container.spec = record->spec;
    container.spec.name = record->name;
    return container;
}

}  // namespace brig
