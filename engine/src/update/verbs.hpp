// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/update.hpp"
#include "context.hpp"
#include "launch.hpp"
#include "ledger/ledger.hpp"
#include "support/findings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The verbs of `update`, in its order, one file each.
namespace brig {

/// An UpdateSpec that was read: what it does to a container's specification.
struct SpecEdit {
    std::vector<std::string> unset;
    std::vector<Assignment> assignments;
    std::vector<std::string> environment;        ///< "NAME=value"
    std::vector<std::string> unset_environment;  ///< names
    std::optional<RestartPolicy> restart;
};

/// Names that are unknown or not the user's, and malformed texts, become findings and are left out.
[[nodiscard]] SpecEdit read_edit(const UpdateSpec& wanted,
                                 const Catalogue& catalogue,
                                 Findings& findings);

/// Makes the edit. What it replaces goes, so that a specification does not grow.
void apply(const SpecEdit& edit, const Catalogue& catalogue, ContainerSpec& spec);

/// A container that runs, as other processes see it.
struct LiveRun {
    Ledger ledger;
    Jail jail;
    ParamList params;  ///< as noted
};

/// A container that is to be changed or compared.
struct Subject {
    std::string id;
    std::string name;
    ContainerSpec spec;  ///< with the id of its image; `ephemeral` when there is no record of it
    std::optional<LiveRun> run;
};

/// @throws Error{conflict} when it is just being started or ended.
[[nodiscard]] Subject find_subject(Context& context, const std::string& id);

/// As it would be started, or run again.
[[nodiscard]] Launch resolve_subject(Context& context, const Subject& subject);

/// The parameters of its run that are others than those of `launch`, and when they could be
/// changed.
/// @throws Error{conflict} when it does not run.
[[nodiscard]] std::vector<Change> compare_run(Context& context,
                                              const Subject& subject,
                                              const Launch& launch);

/// A parameter whose values may differ, and where that was written.
struct NamedParam {
    std::string name;
    std::string where;
};

/// What two specifications of a container say differently, by name.
struct NamedDifferences {
    std::vector<NamedParam> params;
    std::vector<std::string> variables;  ///< of the environment
};

/// What `from` and `to` say differently of parameters and variables. What is only in `from` is
/// said to have been written at `where`.
[[nodiscard]] NamedDifferences differences(const ContainerSpec& from,
                                           const ContainerSpec& to,
                                           const std::string& where,
                                           const Catalogue& catalogue);

/// The settings of a container that are no parameters, as far as they differ. None of them can be
/// changed while it runs.
[[nodiscard]] std::vector<Change> compare_settings(const ContainerSpec& from,
                                                   const ContainerSpec& to);

/// What an edit comes to.
struct Difference {
    std::vector<Change> changes;
    ParamList live;      ///< the parameters of the run afterwards
    ContainerSpec spec;  ///< the edited one
};

/// What is different after `edit`, and when. Everything that is wrong with it becomes a finding.
[[nodiscard]] Difference compare(Context& context,
                                 const Subject& subject,
                                 const SpecEdit& edit,
                                 Findings& findings);

/// What is different when `before`, as a start would have it, becomes `after`.
[[nodiscard]] Difference compare(Context& context,
                                 const Subject& subject,
                                 const NamedDifferences& named,
                                 const std::pair<const Launch&, const Launch&>& before_and_after,
                                 Findings& findings);

/// What an update of a running container aims at.
struct Intent {
    ParamList params;  ///< of the run
    ContainerSpec spec;
};

/// Notes the intent, changes the jail, calls `keep` and notes the parameters. When something fails,
/// the jail gets back what it had.
void carry_out(Context& context,
               LiveRun& run,
               const Intent& intent,
               const std::function<void()>& keep);

/// Carries out an intent that was left behind; false when there is none.
bool finish_interrupted(Context& context, const std::string& id);

}  // namespace brig
