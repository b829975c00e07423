// SPDX-License-Identifier: BSD-2-Clause
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

void provision_volume(Context& context, const Launch& launch, Ledger& ledger) {
    Facts facts{{"storage", launch.storage->name()}, {"id", launch.id}};
    if (launch.spec.ephemeral) {
        facts["ephemeral"] = "true";
    }
    ledger.record(effect::kVolume,
                  fmt::format("volume '{}' on storage '{}'", launch.id, launch.storage->name()),
                  std::move(facts));
    DriverCall volume = context.call_for(launch.id, launch.id);
    volume.lock_fd = ledger.lock_fd();
    volume.ephemeral = launch.spec.ephemeral;
    launch.storage->provision(volume, launch.image.volume + "@" + kImageSnapshot);
}

std::filesystem::path provision_storage(Context& context, const Launch& launch, Ledger& ledger) {
    return in_context("provisioning storage", [&] {
        if (launch.spec.ephemeral) {
            provision_volume(context, launch, ledger);
        }
        ledger.record(
            effect::kRoot,
            fmt::format("root of '{}' on storage '{}'", launch.id, launch.storage->name()),
            {{"storage", launch.storage->name()}, {"id", launch.id}});
        DriverCall volume = context.call_for(launch.id, launch.id);
        volume.lock_fd = ledger.lock_fd();
        volume.ephemeral = launch.spec.ephemeral;
        ActiveVolume active = launch.storage->activate(volume);
        context.log.info("root {}", active.root.native());
        return std::move(active.root);
    });
}

}  // namespace brig
