// SPDX-License-Identifier: BSD-2-Clause
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

void provision_volume(Context& context, const Launch& launch, Ledger& ledger) {
    ledger.record(effect::kVolume,
                  fmt::format("volume '{}' on storage '{}'", launch.id, launch.storage->name()),
                  {{"storage", launch.storage->name()}, {"id", launch.id}});
    launch.storage->provision({launch.id, launch.id, context.owner_tag(launch.id)},
                              launch.image.volume + "@" + kImageSnapshot);
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
        const std::filesystem::path root =
            launch.storage->activate({launch.id, launch.id, context.owner_tag(launch.id)});
        context.log.info("root {}", root.native());
        return root;
    });
}

}  // namespace brig
