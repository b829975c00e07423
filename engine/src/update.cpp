// SPDX-License-Identifier: BSD-2-Clause
#include "update.hpp"

#include "support/check.hpp"
#include "update/verbs.hpp"

namespace brig {

// A container's values are in three places: the database (for its next start), its jail, and the
// notes of its run (what exec, stop and inspect go by). The intent is noted before the first of
// them changes, and whoever finds it left behind carries it out again.
std::vector<Change> update(Context& context, const std::string& id, const UpdateSpec& wanted) {
    const UniqueFd lock = context.run.lock(id);
    finish_interrupted(context, id);

    Findings findings;
    const SpecEdit edit = read_edit(wanted, context.catalogue, findings);
    Subject subject = find_subject(context, id);
    const Difference difference = compare(context, subject, edit, findings);
    findings.throw_if_any();

    const auto keep = [&] {
        if (!subject.spec.ephemeral) {
            context.store.change_spec(
                id, [&](ContainerSpec& spec) { apply(edit, context.catalogue, spec); });
        }
    };
    if (subject.run) {
        carry_out(context, *subject.run, {difference.live, difference.spec}, keep);
    } else {
        keep();
    }
    return difference.changes;
}

bool mend_update(Context& context, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    return finish_interrupted(context, id);
}

}  // namespace brig
