// SPDX-License-Identifier: BSD-2-Clause
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

namespace {

DriverCall call_for_volume(const Context& context, const Launch& launch, const Ledger& ledger) {
    DriverCall volume = context.call_for(launch.id, launch.id, launch.spec.ephemeral);
    volume.lock_fd = ledger.lock_fd();
    volume.options = launch.storage_options;
    return volume;
}

/// A retired image serves the containers that there are, and makes no new ones.
void require_image(const Launch& launch) {
    if (launch.source.starts_with('@')) {
        throw Error{ErrorCode::not_found, fmt::format("image '{}' was removed", launch.image.id)}
            .with_hint("brig image ls shows what there is");
    }
}

}  // namespace

void provision_volume(Context& context, const Launch& launch, Ledger& ledger) {
    require_image(launch);
    record_volume(ledger, launch.storage->name(), launch.id, launch.spec.ephemeral);
    launch.storage->provision(call_for_volume(context, launch, ledger), launch.source);
}

ActiveVolume provision_storage(Context& context, const Launch& launch, Ledger& ledger) {
    if (!launch.spec.root.empty()) {
        // Used, never owned: nothing is made, so nothing is recorded that could be undone.
        context.log.info("root {}", launch.spec.root);
        return {launch.spec.root, {}, {}};
    }
    return in_context("provisioning storage", [&] {
        if (launch.spec.ephemeral) {
            provision_volume(context, launch, ledger);
        }
        record_root(ledger, launch.storage->name(), launch.id, launch.spec.ephemeral);
        ActiveVolume active = launch.storage->activate(call_for_volume(context, launch, ledger));
        context.log.info("root {}", active.root.native());
        return active;
    });
}

}  // namespace brig
