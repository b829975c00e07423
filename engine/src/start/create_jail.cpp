// SPDX-License-Identifier: BSD-2-Clause
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

Jail create_jail(Context& context, const Launch& launch, const JailParts& parts, Ledger& ledger) {
    return in_context("creating the jail", [&] {
        ledger.record(effect::kJail, fmt::format("jail '{}'", launch.id), {});
        JailRequest request;
        request.name = launch.id;
        request.root = parts.root;
        request.params = parts.params;
        request.mounts = parts.mounts;
        request.folder = context.run.folder(launch.id);
        request.lock_fd = ledger.lock_fd();
        Jail jail = context.host.create_jail(request);
        context.log.info("jail {} created", static_cast<int>(jail.id));
        return jail;
    });
}

}  // namespace brig
