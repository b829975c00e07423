// SPDX-License-Identifier: BSD-2-Clause
#include "params/parse.hpp"
#include "params/rules.hpp"
#include "params/spelling.hpp"
#include "process/environment.hpp"
#include "support/check.hpp"
#include "update/verbs.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace brig {

namespace {

const Origin kOption{Origin::Kind::command_line, "-J"};

/// True when `name` may be unset; otherwise there is a finding.
bool check_unset(const std::string& name, const Catalogue& catalogue, Findings& findings) {
    const Assignment assignment{
        name, std::nullopt, false, name, {Origin::Kind::command_line, "--unset"}};
    const auto rule = catalogue.find(name);
    const auto finding =
        rule ? refusal_of(assignment, *rule) : unknown_parameter(assignment, catalogue);
    if (finding) {
        findings.add(*finding);
    }
    return !finding;
}

bool check_variable_name(const std::string& name, Findings& findings) {
    const bool good = !name.empty() && name.find('=') == std::string::npos
                      && name.find('\0') == std::string::npos;
    if (!good) {
        findings.add({"--unset-env",
                      fmt::format("'{}' is not the name of a variable", name),
                      "write --unset-env NAME"});
    }
    return good;
}

/// A parameter as the specification has it: verbatim, with the name that it is about.
struct WrittenParam {
    std::string name;
    std::string text;
    std::string origin;  ///< see ContainerSpec::param_origins
};

WrittenParam name_param(const std::string& text, const Catalogue& catalogue) {
    Findings unsaid;
    const auto assignment = parse_assignment(text, kOption, catalogue, unsaid);
    return {assignment ? assignment->name : text.substr(0, text.find('=')), text, ""};
}

/// `unset meta` takes all of its members too.
bool is_or_belongs_to(std::string_view name, std::string_view unset, const Catalogue& catalogue) {
    if (!name.starts_with(unset) || name.size() == unset.size()) {
        return name == unset;
    }
    const auto rule = catalogue.find(unset);
    return name[unset.size()] == '.' && rule && rule->type == ParamType::key_value;
}

/// Whether nothing that was said of the parameter before has a say any more.
bool replaces(const Assignment& assignment, const Catalogue& catalogue) {
    const auto rule = catalogue.find(assignment.name);
    const bool clears = assignment.negated || assignment.value.value_or("").empty();
    return rule && (!is_list(rule->type) || clears);
}

template <typename Condition>
void erase_if(std::vector<WrittenParam>& params, Condition condition) {
    params.erase(std::remove_if(params.begin(), params.end(), condition), params.end());
}

std::vector<WrittenParam> name_params(const ContainerSpec& spec, const Catalogue& catalogue) {
    std::vector<WrittenParam> params;
    for (std::size_t i = 0; i < spec.params.size(); ++i) {
        params.push_back(name_param(spec.params[i], catalogue));
        if (i < spec.param_origins.size()) {
            params.back().origin = spec.param_origins[i];
        }
    }
    return params;
}

std::vector<std::string> texts_of(const std::vector<WrittenParam>& params,
                                  const std::string& name) {
    std::vector<std::string> texts;
    for (const WrittenParam& param : params) {
        if (param.name == name) {
            texts.push_back(param.text);
        }
    }
    return texts;
}

void edit_params(const SpecEdit& edit, const Catalogue& catalogue, ContainerSpec& spec) {
    std::vector<WrittenParam> params = name_params(spec, catalogue);
    for (const std::string& unset : edit.unset) {
        erase_if(params, [&](const WrittenParam& param) {
            return is_or_belongs_to(param.name, unset, catalogue);
        });
        if (unset == "exec.jail_user") {
            spec.user.reset();  // -u
        }
    }
    for (const Assignment& assignment : edit.assignments) {
        const auto is_replaced = [&](const WrittenParam& param) {
            return param.name == assignment.name && replaces(assignment, catalogue);
        };
        erase_if(params, is_replaced);
        params.push_back({assignment.name, assignment.text, ""});
    }
    spec.params.clear();
    spec.param_origins.clear();
    for (WrittenParam& param : params) {
        spec.params.push_back(std::move(param.text));
        spec.param_origins.push_back(std::move(param.origin));
    }
    while (!spec.param_origins.empty() && spec.param_origins.back().empty()) {
        spec.param_origins.pop_back();
    }
}

std::set<std::string> names_of(const std::vector<std::string>& environment) {
    std::set<std::string> names;
    for (const std::string& variable : environment) {
        names.insert(variable.substr(0, variable.find('=')));
    }
    return names;
}

void forget_variable(std::vector<std::string>& environment, const std::string& name) {
    const std::string beginning = name + "=";
    environment.erase(std::remove_if(environment.begin(),
                                     environment.end(),
                                     [&](const std::string& variable) {
                                         return variable.starts_with(beginning);
                                     }),
                      environment.end());
}

}  // namespace

SpecEdit read_edit(const UpdateSpec& wanted, const Catalogue& catalogue, Findings& findings) {
    SpecEdit edit;
    for (const std::string& name : wanted.unset) {
        if (check_unset(name, catalogue, findings)) {
            edit.unset.push_back(name);
        }
    }
    for (const std::string& text : wanted.params) {
        if (auto assignment = parse_assignment(text, kOption, catalogue, findings)) {
            edit.assignments.push_back(std::move(*assignment));
        }
    }
    for (const std::string& name : wanted.unset_environment) {
        if (check_variable_name(name, findings)) {
            edit.unset_environment.push_back(name);
        }
    }
    for (const std::string& variable : wanted.environment) {
        Findings wrong;
        check_variable(variable, wrong);
        if (wrong.empty()) {
            edit.environment.push_back(variable);
        }
        for (const Finding& finding : wrong.all()) {
            findings.add(finding);
        }
    }
    edit.restart = wanted.restart;
    return edit;
}

NamedDifferences differences(const ContainerSpec& from,
                             const ContainerSpec& to,
                             const std::string& where,
                             const Catalogue& catalogue) {
    const std::vector<WrittenParam> old_params = name_params(from, catalogue);
    std::vector<WrittenParam> params = name_params(to, catalogue);
    const std::vector<WrittenParam> new_params = params;
    for (const WrittenParam& param : old_params) {
        params.push_back({param.name, param.text, where});
    }
    NamedDifferences named;
    std::set<std::string> seen;
    for (const WrittenParam& param : params) {
        if (seen.insert(param.name).second
            && texts_of(old_params, param.name) != texts_of(new_params, param.name)) {
            named.params.push_back({param.name, param.origin});
        }
    }
    std::set<std::string> variables = names_of(from.environment);
    variables.merge(names_of(to.environment));
    named.variables.assign(variables.begin(), variables.end());
    return named;
}

void apply(const SpecEdit& edit, const Catalogue& catalogue, ContainerSpec& spec) {
    edit_params(edit, catalogue, spec);
    for (const std::string& name : edit.unset_environment) {
        forget_variable(spec.environment, name);
    }
    for (const std::string& variable : edit.environment) {
        forget_variable(spec.environment, variable.substr(0, variable.find('=')));
        spec.environment.push_back(variable);
    }
    spec.restart = edit.restart.value_or(spec.restart);
}

}  // namespace brig
