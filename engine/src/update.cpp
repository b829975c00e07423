// SPDX-License-Identifier: BSD-2-Clause
#include "update.hpp"

#include "events/announce.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "update/verbs.hpp"

namespace brig {

namespace {

/// Names only: values may be secrets.
void announce_changes(const Context& context,
                      const std::string& id,
                      const std::string& name,
                      const std::vector<Change>& changes) {
    std::vector<std::string> names;
    for (const Change& change : changes) {
        names.push_back(change.name);
    }
    if (!names.empty()) {
        announce_container(
            context, EventAction::updated, id, name, {{"changed", join(names, ",")}});
    }
}

}  // namespace

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

    const auto make_edit = [&](ContainerSpec& spec) { apply(edit, context.catalogue, spec); };
    const auto keep = [&] {
        if (!subject.spec.ephemeral) {
            context.store.change_spec(id, make_edit);
        }
    };
    if (subject.run) {
        carry_out(context, *subject.run, {difference.live, difference.spec}, keep);
    } else {
        keep();
    }
    announce_changes(context, id, subject.name, difference.changes);
    return difference.changes;
}

namespace {

/// A container and what it is to become.
struct Goal {
    Subject subject;
    Difference difference;
};

Goal find_goal(Context& context,
               const std::string& id,
               const ContainerSpec& wanted,
               const std::string& where,
               Findings& findings) {
    Subject subject = find_subject(context, id);
    const Launch after = resolve_launch(context, wanted, id, findings);
    Findings unsaid;  // what is wrong with what there is already is not for this to complain of
    const Launch before = resolve_launch(context, subject.spec, id, unsaid);
    Difference difference = compare(context,
                                    subject,
                                    differences(subject.spec, wanted, where, context.catalogue),
                                    {before, after},
                                    findings);
    for (Change& change : compare_settings(subject.spec, wanted)) {
        difference.changes.push_back(std::move(change));
    }
    return {std::move(subject), std::move(difference)};
}

}  // namespace

std::vector<Change> update_to(Context& context,
                              const std::string& id,
                              const ContainerSpec& wanted,
                              const std::string& where) {
    const UniqueFd lock = context.run.lock(id);
    finish_interrupted(context, id);
    Findings findings;
    Goal goal = find_goal(context, id, wanted, where, findings);
    findings.throw_if_any();
    const auto keep = [&] {
        context.store.change_spec(id, [&](ContainerSpec& spec) { spec = wanted; });
    };
    if (goal.subject.run) {
        carry_out(context, *goal.subject.run, {goal.difference.live, wanted}, keep);
    } else {
        keep();
    }
    announce_changes(context, id, goal.subject.name, goal.difference.changes);
    return std::move(goal.difference.changes);
}

std::vector<Change> plan_update_to(Context& context,
                                   const std::string& id,
                                   const ContainerSpec& wanted,
                                   const std::string& where,
                                   Findings& findings) {
    return find_goal(context, id, wanted, where, findings).difference.changes;
}

bool mend_update(Context& context, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    return finish_interrupted(context, id);
}

}  // namespace brig
