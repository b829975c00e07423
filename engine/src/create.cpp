// SPDX-License-Identifier: BSD-2-Clause
#include "create.hpp"

#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

ContainerRecord create(Context& context, const Launch& launch) {
    context.host.require_privilege();
    context.store.prepare_to_add_container();
    Ledger ledger = context.run.open(launch.id);
    TearDownUnlessKept undo{context, launch.id, ledger};

    claim_name(context, launch, ledger);
    in_context("provisioning storage", [&] { provision_volume(context, launch, ledger); });

    ContainerRecord record;
    record.id = launch.id;
    record.name = launch.name;
    record.spec = launch.spec;
    record.image_id = launch.image.id;
    record.storage = launch.storage->name();
    record.created = std::chrono::system_clock::now();
    context.store.add_container(record);

    // From here on the record keeps the volume: tearing down takes only the claim away.
    undo.keep();
    close_run(context, launch.id, ledger);
    return record;
}

}  // namespace brig
