// SPDX-License-Identifier: BSD-2-Clause
#include "params/merge.hpp"

#include "params/parse.hpp"
#include "params/rules.hpp"
#include "params/spelling.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

namespace brig {

namespace {

using Values = std::vector<std::string>;

/// Lists of names hold each once; the same command or mount may well be wanted twice.
bool holds_each_once(const Param& param) {
    return param.type == ParamType::ip4_list || param.type == ParamType::ip6_list
           || param.name == "vnet.interface" || param.name == "zfs.dataset";
}

void append(Param& param, const Values& more) {
    Values& values = param.values;
    const bool each_once = holds_each_once(param);
    for (const std::string& value : more) {
        if (!each_once || std::find(values.begin(), values.end(), value) == values.end()) {
            values.push_back(value);
        }
    }
}

/// The lines of `text` but those of `key`.
std::string without_key(const std::string& text, const std::string& key) {
    Values lines = split(text, '\n');
    const auto is_of_key = [&](const std::string& line) { return line.starts_with(key + "="); };
    lines.erase(std::remove_if(lines.begin(), lines.end(), is_of_key), lines.end());
    return join(lines, "\n");
}

/// The list under construction: layers are applied to it, weakest first.
class Merger {
  public:
    Merger(const Catalogue& catalogue,
           std::size_t assignments,
           Findings& findings,
           ParamList* shadowed)
        : catalogue_{catalogue}, findings_{findings}, shadowed_{shadowed} {
        params_.reserve(assignments + 1);
        places_.reserve(assignments);
    }

    void apply(const std::vector<Assignment>& assignments) {
        for (const Assignment& assignment : assignments) {
            apply(assignment);
        }
    }

    void apply(const std::vector<Contribution>& contributions) {
        for (const Contribution& contribution : contributions) {
            apply(contribution);
        }
    }

    [[nodiscard]] const ParamList& params() const noexcept { return params_; }

    /// The finished list.
    [[nodiscard]] ParamList take() {
        // In an environment that is not clean, jail(8) makes a difference between root and nobody
        // said.
        const Param* clean = find("exec.clean");
        if (clean != nullptr && clean->is_true() && find("exec.jail_user") == nullptr) {
            params_.push_back(
                {"exec.jail_user", ParamType::string, ParamPerformer::engine, {"root"}, Origin{}});
        }
        const auto forgotten = [](const Param& param) { return param.name.empty(); };
        params_.erase(std::remove_if(params_.begin(), params_.end(), forgotten), params_.end());
        return std::move(params_);
    }

  private:
    void apply(const Assignment& assignment) {
        const auto rule = allowed(assignment);
        if (!rule) {
            return;
        }
        auto values = parse_values(assignment, *rule, findings_);
        if (!values) {
            return;
        }
        if (rule->type == ParamType::key_value) {
            forget_keys(assignment);
        }
        if (is_list(rule->type)) {
            extend(assignment, *rule, *values);
            return;
        }
        shadow(find(assignment.name), *values);
        if (values->empty()) {
            forget(assignment.name);
        } else {
            entry(assignment, *rule).values = std::move(*values);
        }
    }

    void apply(const Contribution& contribution) {
        Assignment assignment;
        assignment.name = contribution.name;
        assignment.origin = contribution.origin;
        const auto rule = allowed(assignment);
        if (!rule) {
            return;
        }
        const auto values = contributed_values(contribution, *rule);
        if (!values) {
            return;
        }
        const Param* present = find(contribution.name);
        const bool is_first = present == nullptr || present->origin.kind != Origin::Kind::driver;
        if (contribution.append && is_list(rule->type)) {
            append(entry(assignment, *rule), *values);
        } else if (is_first) {
            shadow(present, *values);
            entry(assignment, *rule).values = *values;
        } else if (present->values != *values) {
            refuse_conflict(*present, contribution);
        }
    }

    /// The rule for the parameter; nothing, with a finding, when it may not be assigned to.
    std::optional<ParamRule> allowed(const Assignment& assignment) {
        auto rule = catalogue_.find(assignment.name);
        if (!rule) {
            findings_.add(unknown_parameter(assignment, catalogue_));
            return std::nullopt;
        }
        if (auto refusal = refusal_of(assignment, *rule)) {
            findings_.add(std::move(*refusal));
            return std::nullopt;
        }
        return rule;
    }

    /// A driver's texts are checked like anybody's.
    std::optional<Values> contributed_values(const Contribution& contribution,
                                             const ParamRule& rule) {
        if (!is_list(rule.type) && contribution.values.size() != 1) {
            findings_.add({contribution.origin.to_string(),
                           fmt::format("{}: one value expected, {} given",
                                       contribution.name,
                                       contribution.values.size()),
                           "this is a defect of the driver"});
            return std::nullopt;
        }
        Param all{contribution.name, rule.type, rule.performer, {}, {}};
        for (const std::string& text : contribution.values) {
            const Assignment assignment{contribution.name,
                                        text,
                                        false,
                                        contribution.name + "=" + text,
                                        contribution.origin};
            const auto values = parse_values(assignment, rule, findings_);
            if (!values) {
                return std::nullopt;
            }
            append(all, *values);
        }
        return std::move(all.values);
    }

    void refuse_conflict(const Param& present, const Contribution& contribution) {
        findings_.add({"",
                       fmt::format(R"({}: {} sets "{}", {} sets "{}")",
                                   present.name,
                                   present.origin.to_string(),
                                   join(present.values, ","),
                                   contribution.origin.to_string(),
                                   join(contribution.values, ",")),
                       "attach the container to only one of them"});
    }

    /// Appends to a list, or clears it. The engine's default is a stand-in for what nobody has
    /// said yet: the first to say something replaces it.
    void extend(const Assignment& assignment, const ParamRule& rule, const Values& values) {
        const Param* present = find(assignment.name);
        const bool is_default =
            present != nullptr && present->origin.kind == Origin::Kind::engine_default;
        if (values.empty() || is_default) {
            shadow(present, values);
        }
        Param& param = entry(assignment, rule);
        if (values.empty() || is_default) {
            param.values.clear();
        }
        append(param, values);
    }

    /// Remembers what is `present` if `values`, which take its place, are others.
    void shadow(const Param* present, const Values& values) {
        if (shadowed_ != nullptr && present != nullptr && present->values != values) {
            shadowed_->push_back(*present);
        }
    }

    /// `meta` replaces every `meta.KEY`, and `meta.KEY` that line of `meta`, as in the kernel.
    void forget_keys(const Assignment& assignment) {
        const std::size_t dot = assignment.name.find('.');
        if (dot == std::string::npos) {
            forget_below(assignment.name + ".");
        } else if (const auto whole = places_.find(assignment.name.substr(0, dot));
                   whole != places_.end()) {
            std::string& text = params_[whole->second].values.front();
            text = without_key(text, assignment.name.substr(dot + 1));
        }
    }

    void forget_below(std::string_view prefix) {
        for (const Param& param : params_) {
            if (std::string_view{param.name}.starts_with(prefix)) {
                forget(std::string{param.name});
            }
        }
    }

    /// Leaves an entry without a name, so that the places of the others stay.
    void forget(const std::string& name) {
        if (const auto place = places_.find(name); place != places_.end()) {
            params_[place->second] = Param{};
            places_.erase(place);
        }
    }

    [[nodiscard]] const Param* find(const std::string& name) const {
        const auto place = places_.find(name);
        return place == places_.end() ? nullptr : &params_[place->second];
    }

    /// The entry that `assignment` changes, made if need be, with its new origin.
    Param& entry(const Assignment& assignment, const ParamRule& rule) {
        const auto [place, is_new] = places_.try_emplace(assignment.name, params_.size());
        if (is_new) {
            params_.push_back({assignment.name, rule.type, rule.performer, {}, {}});
        }
        Param& param = params_[place->second];
        param.origin = assignment.origin;
        return param;
    }

    const Catalogue& catalogue_;
    Findings& findings_;
    ParamList* shadowed_;
    ParamList params_;
    std::unordered_map<std::string, std::size_t> places_;  ///< in `params_`, by name
};

ParamList driver_params(const ParamList& params) {
    ParamList contributed;
    for (const Param& param : params) {
        if (param.origin.kind == Origin::Kind::driver) {
            contributed.push_back(param);
        }
    }
    return contributed;
}

}  // namespace

ParamList merge_params(const ParamLayers& layers,
                       const Catalogue& catalogue,
                       Findings& findings,
                       ParamList* shadowed) {
    const std::size_t assignments = layers.defaults.size() + layers.contributions.size()
                                    + layers.image.size() + layers.configuration.size()
                                    + layers.command_line.size();
    Merger merger{catalogue, assignments, findings, shadowed};
    merger.apply(layers.defaults);
    merger.apply(layers.contributions);
    const ParamList contributed = driver_params(merger.params());
    merger.apply(layers.image);
    merger.apply(layers.configuration);
    merger.apply(layers.command_line);
    ParamList merged = merger.take();
    check_contradictions(contributed, merged, findings);
    check_files(merged, findings);
    check_names(merged, findings);
    check_vnet(merged, findings);
    return merged;
}

}  // namespace brig
