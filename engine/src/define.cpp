// SPDX-License-Identifier: BSD-2-Clause
#include "define.hpp"

#include "brig/driver.h"
#include "find.hpp"
#include "support/check.hpp"

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

}  // namespace

ContainerDefinition define(const Launch& launch, const std::string& root) {
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
    return container;
}

ContainerDefinition define_container(Context& context, const std::string& id) {
    const auto record = context.store.find_container_by_id(id);
    if (!record) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' is ephemeral", id)}.with_hint(
            "what is run with --rm is not kept, and has no definition");
    }
    const Launch launch = resolve_record(context, *record);
    ContainerDefinition container = define(launch, root_of(context, launch));
    container.spec = record->spec;
    container.spec.name = record->name;
    return container;
}

}  // namespace brig
