// SPDX-License-Identifier: BSD-2-Clause
#include "depend.hpp"
#include "run/notes.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

Error name_taken(const std::string& name) {
    return Error{ErrorCode::already_exists, fmt::format("the name '{}' is taken", name)}.with_hint(
        "choose another, or remove its container with: brig rm " + name);
}

void claim_name(Context& context, const Launch& launch, Ledger& ledger) {
    if (launch.name == launch.id) {
        return;
    }
    ledger.record(effect::kName, fmt::format("name '{}'", launch.name), {{"name", launch.name}});
    // Names of ephemeral containers are links in the run directory, those of kept ones are in the
    // database. Both are looked at after the claim, so that of two claimants at most one succeeds.
    if (!context.run.claim_name(launch.name, launch.id)
        || context.store.find_container_id(launch.name)) {
        throw name_taken(launch.name);
    }
}

void note_container(Context& context, const Launch& launch, Ledger& ledger) {
    Facts container = describe_container(launch);
    if (const auto dependencies = dependencies_of(context, launch.params); !dependencies.empty()) {
        container["depend"] = join_list(dependencies);
    }
    ledger.note(note::kContainer, container);
}

Ledger open_ledger(Context& context, const Launch& launch) {
    Ledger ledger = context.run.open(launch.id);
    TearDownUnlessKept undo{context, launch.id, ledger};
    note_container(context, launch, ledger);
    if (launch.spec.ephemeral) {
        claim_name(context, launch, ledger);
    }
    undo.keep();
    return ledger;
}

}  // namespace brig
