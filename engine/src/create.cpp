// SPDX-License-Identifier: BSD-2-Clause
#include "create.hpp"

#include "brig/driver.h"
#include "events/announce.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

#include <memory>

namespace brig {

namespace {

ContainerRecord record_of(const Launch& launch) {
    ContainerRecord record;
    record.id = launch.id;
    record.name = launch.name;
    record.spec = launch.spec;
    record.image_id = launch.image.id;
    record.storage = launch.storage != nullptr ? launch.storage->name() : "";
    record.created = std::chrono::system_clock::now();
    return record;
}

/// Takes what the container's networks give it, addresses and ports of the host: from now on they
/// are its own, whether it runs or not.
void take_leases(const Context& context, const Launch& launch) {
    for (const LaunchAttachment& each : launch.attachments) {
        DriverCall call = call_for_attachment(context, launch, each);
        call.flags = BRIG_F_DRY_RUN;
        call.takes_leases = true;
        static_cast<void>(each.network->prepare(call));
    }
}

/// Keeps the containers, with their leases. All of them, or none.
void keep(Context& context,
          const std::vector<Launch>& launches,
          const std::vector<ContainerRecord>& records) {
    context.store.add_containers(records);
    try {
        for (const Launch& launch : launches) {
            take_leases(context, launch);
        }
    } catch (const Error&) {
        for (const ContainerRecord& record : records) {
            context.store.remove_container(record.id);
            context.store.remove_leases_of(record.id);
        }
        throw;
    }
}

/// A container that has a run folder and its name, and no record yet.
struct Claim {
    Claim(Context& context, const Launch& launch)
        : ledger{context.run.open(launch.id)}, undo{context, launch.id, ledger} {
        claim_name(context, launch, ledger);
    }

    Ledger ledger;
    TearDownUnlessKept undo;
};

}  // namespace

ContainerRecord create(Context& context, const Launch& launch) {
    context.host.require_privilege();
    context.store.prepare_to_add_container();
    Claim claim{context, launch};
    if (launch.storage != nullptr) {
        in_context("provisioning storage",
                   [&] { provision_volume(context, launch, claim.ledger); });
    }
    ContainerRecord record = record_of(launch);
    keep(context, {launch}, {record});

    // From here on the record keeps the volume: tearing down takes only the claim away.
    claim.undo.keep();
    close_run(context, launch.id, claim.ledger);
    announce_new(context, launch);
    return record;
}

void create_all(Context& context, const std::vector<Launch>& launches) {
    context.host.require_privilege();
    context.store.prepare_to_add_container();
    std::vector<std::unique_ptr<Claim>> claims;
    std::vector<ContainerRecord> records;
    for (const Launch& launch : launches) {
        claims.push_back(std::make_unique<Claim>(context, launch));
        records.push_back(record_of(launch));
    }
    keep(context, launches, records);
    for (std::size_t i = 0; i < claims.size(); ++i) {
        claims[i]->undo.keep();
        close_run(context, launches[i].id, claims[i]->ledger);
        announce_new(context, launches[i]);
    }
}

}  // namespace brig
