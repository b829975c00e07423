// SPDX-License-Identifier: BSD-2-Clause
#include "launch.hpp"
#include "support/check.hpp"
#include "update/values.hpp"
#include "update/verbs.hpp"

#include <algorithm>

namespace brig {

namespace {

constexpr const char* kStopFirst = "stop the container first, or leave it out";
constexpr const char* kNoNextStart = "an ephemeral container (--rm) has no next start";

std::vector<std::string> each_once(const std::vector<std::string>& texts) {
    std::vector<std::string> once;
    for (const std::string& text : texts) {
        if (std::find(once.begin(), once.end(), text) == once.end()) {
            once.push_back(text);
        }
    }
    return once;
}

void add_named(std::vector<NamedParam>& all, NamedParam param) {
    const auto same = std::find_if(
        all.begin(), all.end(), [&](const NamedParam& each) { return each.name == param.name; });
    if (same == all.end()) {
        all.push_back(std::move(param));
    } else {
        same->where = std::move(param.where);
    }
}

/// What is unset, with all members of a key_value parameter.
void add_unset(std::vector<NamedParam>& all, const std::string& name, const ParamList& before) {
    const std::string where = "--unset " + name;
    for (const Param& param : before) {
        if (param.type == ParamType::key_value && param.name.starts_with(name + ".")) {
            add_named(all, {param.name, where});
        }
    }
    add_named(all, {name, where});
}

std::vector<NamedParam> named_params(const SpecEdit& edit, const ParamList& before) {
    std::vector<NamedParam> named;
    for (const std::string& name : edit.unset) {
        add_unset(named, name, before);
    }
    for (const Assignment& assignment : edit.assignments) {
        add_named(named, {assignment.name, "-J " + assignment.text});
    }
    return named;
}

/// Replaces, adds or removes the entry `name` of `params`.
void set_param(ParamList& params, const std::string& name, const Param* value) {
    const auto entry = std::find_if(
        params.begin(), params.end(), [&](const Param& param) { return param.name == name; });
    if (value != nullptr && entry != params.end()) {
        *entry = *value;
    } else if (value != nullptr) {
        params.push_back(*value);
    } else if (entry != params.end()) {
        params.erase(entry);
    }
}

/// Compares the parameters of a container before and after an edit, one by one.
class Comparison {
  public:
    Comparison(const Context& context, const Subject& subject, Findings& findings)
        : context_{context},
          subject_{subject},
          findings_{findings},
          effective_{context.catalogue},
          live_{subject.run ? subject.run->params : ParamList{}} {}

    void add(const NamedParam& named, const ParamList& before, const ParamList& after) {
        Change change;
        change.name = named.name;
        change.new_values = effective_.of(after, named.name);
        if (subject_.run) {
            change.old_values = effective_.of(subject_.run->params, named.name);
            if (change.old_values != change.new_values) {
                add_to_run(named, std::move(change), find_param(after, named.name));
                return;
            }
            change.reason = "the container runs with it already";
        }
        change.old_values = effective_.of(before, named.name);
        if (change.old_values != change.new_values) {
            changes_.push_back(std::move(change));
        }
    }

    void add_variable(const std::string& name, bool is_different) {
        if (!is_different) {
            return;
        }
        Change change;
        change.name = name;
        change.is_variable = true;
        if (subject_.run) {
            change.reason = "its command has the environment that it was started with";
        }
        if (subject_.spec.ephemeral) {
            refuse("environment " + name, change.reason, kNoNextStart);
        }
        changes_.push_back(std::move(change));
    }

    void add_restart(const RestartPolicy& before, const RestartPolicy& after) {
        if (before == after) {
            return;
        }
        Change change;
        change.name = "restart";
        change.is_setting = true;
        change.old_values = {to_string(before)};
        change.new_values = {to_string(after)};
        change.when = subject_.run ? ChangeTime::now : ChangeTime::next_start;
        changes_.push_back(std::move(change));
    }

    [[nodiscard]] std::vector<Change> take_changes() { return std::move(changes_); }
    [[nodiscard]] ParamList take_live() { return std::move(live_); }

  private:
    void refuse(const std::string& where, const std::string& why, const char* hint) {
        findings_.add({where, why, hint});
    }

    void add_to_run(const NamedParam& named, Change change, const Param* value) {
        const Changeability can = changeability(context_.host, live_, change);
        change.when = can.when;
        change.reason = can.reason;
        if (can.when == ChangeTime::never) {
            refuse(named.where, can.reason, kStopFirst);
        } else if (can.when == ChangeTime::now) {
            set_param(live_, named.name, value);
        } else if (subject_.spec.ephemeral) {
            refuse(named.where, can.reason, kNoNextStart);
        }
        changes_.push_back(std::move(change));
    }

    const Context& context_;
    const Subject& subject_;
    Findings& findings_;
    EffectiveValues effective_;
    ParamList live_;
    std::vector<Change> changes_;
};

/// The last value of the variable `name`, with its name.
std::string find_variable(const std::vector<std::string>& of_image,
                          const std::vector<std::string>& of_user,
                          const std::string& name) {
    const std::string beginning = name + '=';
    std::string found;
    for (const auto* variables : {&of_image, &of_user}) {
        for (const std::string& variable : *variables) {
            found = variable.starts_with(beginning) ? variable : found;
        }
    }
    return found;
}

std::vector<std::string> named_variables(const SpecEdit& edit) {
    std::vector<std::string> names = edit.unset_environment;
    for (const std::string& variable : edit.environment) {
        names.push_back(variable.substr(0, variable.find('=')));
    }
    return each_once(names);
}

void warn_of_new(const Context& context, const Launch& before, const Launch& after) {
    for (const std::string& warning : after.warnings) {
        if (std::find(before.warnings.begin(), before.warnings.end(), warning)
            == before.warnings.end()) {
            context.log.warn("{}", warning);
        }
    }
}

}  // namespace

Difference compare(Context& context,
                   const Subject& subject,
                   const SpecEdit& edit,
                   Findings& findings) {
    ContainerSpec edited = subject.spec;
    apply(edit, context.catalogue, edited);
    const Launch after = resolve_launch(context, edited, subject.id, findings);
    // What is wrong with what there is already is not for this update to complain of.
    Findings unsaid;
    const Launch before = resolve_launch(context, subject.spec, subject.id, unsaid);
    warn_of_new(context, before, after);
    return compare(context,
                   subject,
                   {named_params(edit, before.params), named_variables(edit)},
                   {before, after},
                   findings);
}

Difference compare(Context& context,
                   const Subject& subject,
                   const NamedDifferences& named,
                   const std::pair<const Launch&, const Launch&>& before_and_after,
                   Findings& findings) {
    const auto& [before, after] = before_and_after;
    Comparison comparison{context, subject, findings};
    for (const NamedParam& param : named.params) {
        comparison.add(param, before.params, after.params);
    }
    const std::vector<std::string>& of_image = after.image.defaults.environment;
    for (const std::string& name : named.variables) {
        comparison.add_variable(name,
                                find_variable(of_image, before.spec.environment, name)
                                    != find_variable(of_image, after.spec.environment, name));
    }
    comparison.add_restart(before.spec.restart, after.spec.restart);
    return {comparison.take_changes(), comparison.take_live(), after.spec};
}

}  // namespace brig
