// SPDX-License-Identifier: BSD-2-Clause
#include "up/intend.hpp"

#include "depend.hpp"
#include "find.hpp"
#include "recover.hpp"
#include "run/notes.hpp"
#include "spec/container_spec.hpp"
#include "support/check.hpp"
#include "update.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

namespace brig {

namespace {

constexpr const char* kRecreate =
    "--recreate removes it and makes it anew; what is in its root is lost";

bool is_refused(const Change& change) {
    return change.when == ChangeTime::never;
}

bool says_the_same(ContainerSpec a, ContainerSpec b) {
    for (ContainerSpec* spec : {&a, &b}) {
        spec->param_origins.clear();
        spec->image.clear();  // compared by what it names
    }
    return to_toml(a) == to_toml(b);
}

/// Whether another snapshot is asked for. Names of images alone say nothing: they are compared by
/// what they name.
bool is_of_other_snapshot(const ContainerSpec& a, const ContainerSpec& b) {
    const bool any =
        a.image.find('@') != std::string::npos || b.image.find('@') != std::string::npos;
    return any && a.image != b.image;
}

/// A container that does not run is started with them.
void take_effect_now(std::vector<Change>& changes) {
    for (Change& change : changes) {
        change.when = ChangeTime::now;
        change.reason.clear();
    }
}

/// Finds out what one container needs.
class Comparer {
  public:
    Comparer(Context& context, const UpOptions& options, Findings& findings)
        : context_{context}, options_{options}, findings_{findings} {}

    void compare(Intended& intended) {
        Chosen& chosen = intended.chosen;
        intended.spec = chosen.configured.spec;
        if (!chosen.exists) {
            intended.action = UpAction::create;
            return;
        }
        const auto record = context_.store.find_container_by_id(chosen.id);
        if (!record || !chosen.launch) {
            return;  // it has just gone, or is wrong
        }
        // What no file can say stays.
        intended.spec.interactive = record->spec.interactive;
        intended.spec.terminal = record->spec.terminal;
        const bool runs = is_running(context_, chosen.id);
        if (chosen.launch->image.id != record->image_id
            || is_of_other_snapshot(intended.spec, record->spec)
            || intended.spec.root != record->spec.root) {
            recreate(intended, *record);
        } else if (says_the_same(record->spec, intended.spec)) {
            intended.action = runs ? UpAction::unchanged : UpAction::start;
        } else {
            update(intended, runs);
        }
    }

  private:
    void recreate(Intended& intended, const ContainerRecord& record) {
        const Chosen& chosen = intended.chosen;
        intended.action = UpAction::recreate;
        if (!options_.recreate) {
            const auto root_of = [](const std::string& image, const std::string& root) {
                return root.empty() ? fmt::format("the image '{}'", image)
                                    : fmt::format("the root '{}'", root);
            };
            findings_.add({chosen.configured.where,
                           fmt::format("container '{}' has {}, which cannot become {}",
                                       intended.spec.name,
                                       root_of(record.spec.image, record.spec.root),
                                       root_of(intended.spec.image, intended.spec.root)),
                           kRecreate});
        }
    }

    void update(Intended& intended, bool runs) {
        Chosen& chosen = intended.chosen;
        Findings found;
        collect(chosen.configured.where, found, [&] {
            intended.changes =
                plan_update_to(context_, chosen.id, intended.spec, chosen.configured.where, found);
        });
        intended.action = UpAction::update;
        if (options_.recreate
            && std::any_of(intended.changes.begin(), intended.changes.end(), is_refused)) {
            intended.action = UpAction::recreate;
            intended.changes.clear();
            return;
        }
        if (!runs) {
            take_effect_now(intended.changes);
        }
        add_findings(found, chosen.configured.where, findings_);
    }

    Context& context_;
    const UpOptions& options_;
    Findings& findings_;
};

/// Stopping one stops those that depend on it. They must be among those that are started again.
void require_dependents(Context& context, const std::vector<Intended>& all, Findings& findings) {
    std::set<std::string> ids;
    for (const Intended& each : all) {
        ids.insert(each.chosen.id);
    }
    const auto require = [&](const std::string& dependent, const Intended& recreated) {
        if (!ids.contains(dependent)) {
            findings.add({recreated.chosen.configured.where,
                          fmt::format("container '{}' depends on '{}', which would be stopped",
                                      inspect_container(context, dependent).name,
                                      recreated.spec.name),
                          "stop it first, or name it too"});
        }
    };
    for (const Intended& each : all) {
        if (each.action != UpAction::recreate) {
            continue;
        }
        for (const std::string& dependent : running_dependents(context, each.chosen.id)) {
            require(dependent, each);
        }
    }
}

}  // namespace

std::vector<Intended> intend(Context& context,
                             const ContainerSelection& selection,
                             const UpOptions& options,
                             Findings& findings) {
    std::vector<Intended> all;
    Comparer comparer{context, options, findings};
    for (Chosen& chosen : choose(context, selection, findings)) {
        Intended intended;
        intended.chosen = std::move(chosen);
        comparer.compare(intended);
        all.push_back(std::move(intended));
    }
    require_dependents(context, all, findings);
    return all;
}

void await_settled(Context& context, const std::string& id) {
    // There is nothing to be woken by: both a note in the ledger and the end of its lock count.
    constexpr std::chrono::milliseconds kInterval{20};
    while (Ledger::is_locked(context.run.ledger_file(id)) && !is_running(context, id)) {
        std::this_thread::sleep_for(kInterval);
    }
    recover_container(context, id);
}

bool is_running(Context& context, const std::string& id) {
    const auto ledger = Ledger::peek(context.run.ledger_file(id));
    if (!ledger || !Ledger::is_locked(context.run.ledger_file(id))) {
        return false;
    }
    return noted_restarter(*ledger)
           || (noted_pid(*ledger) && !noted_exit(*ledger) && !is_being_stopped(*ledger));
}

}  // namespace brig
