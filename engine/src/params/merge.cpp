// SPDX-License-Identifier: BSD-2-Clause
#include "params/merge.hpp"

#include "params/parse.hpp"
#include "params/rules.hpp"
#include "params/spelling.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig {

namespace {

using Values = std::vector<std::string>;

/// Lists of names hold each once; the same command or mount may well be wanted twice.
bool holds_each_once(const ParamInfo& info) {
    return info.type == ParamType::ip4_list || info.type == ParamType::ip6_list
           || info.name == "vnet.interface" || info.name == "zfs.dataset";
}

void append(Values& values, const Values& more, const ParamInfo& info) {
    for (const std::string& value : more) {
        const bool is_there = std::find(values.begin(), values.end(), value) != values.end();
        if (!is_there || !holds_each_once(info)) {
            values.push_back(value);
        }
    }
}

/// The list under construction: layers are applied to it, weakest first.
class Merger {
  public:
    Merger(const Catalogue& catalogue, Findings& findings)
        : catalogue_{catalogue}, findings_{findings} {}

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

    void add_default_user() {
        if (find_param(params_, "exec.jail_user") == nullptr) {
            params_.push_back(
                {"exec.jail_user", ParamType::string, ParamPerformer::engine, {"root"}, Origin{}});
        }
    }

  private:
    void apply(const Assignment& assignment) {
        const ParamInfo* info = allowed(assignment);
        if (info == nullptr) {
            return;
        }
        const auto values = parse_values(assignment, *info, findings_);
        if (!values) {
            return;
        }
        if (is_list(info->type)) {
            extend(assignment, *info, *values);
        } else if (values->empty()) {
            forget(assignment.name);
        } else {
            entry(assignment, *info).values = *values;
        }
    }

    void apply(const Contribution& contribution) {
        Assignment assignment;
        assignment.name = contribution.name;
        assignment.origin = contribution.origin;
        const ParamInfo* info = allowed(assignment);
        if (info == nullptr) {
            return;
        }
        const auto values = contributed_values(contribution, *info);
        if (!values) {
            return;
        }
        const Param* present = find_param(params_, contribution.name);
        const bool is_first = present == nullptr || present->origin.kind != Origin::Kind::driver;
        if (contribution.append && is_list(info->type)) {
            append(entry(assignment, *info).values, *values, *info);
        } else if (is_first) {
            entry(assignment, *info).values = *values;
        } else if (present->values != *values) {
            refuse_conflict(*present, contribution);
        }
    }

    /// The row of the parameter, or nullptr with a finding when it may not be assigned to.
    const ParamInfo* allowed(const Assignment& assignment) {
        const ParamInfo* info = catalogue_.find(assignment.name);
        if (info == nullptr) {
            findings_.add(unknown_parameter(assignment, catalogue_));
            return nullptr;
        }
        if (auto refusal = refusal_of(assignment, *info)) {
            findings_.add(std::move(*refusal));
            return nullptr;
        }
        return info;
    }

    /// A driver's texts are checked like anybody's.
    std::optional<Values> contributed_values(const Contribution& contribution,
                                             const ParamInfo& info) {
        if (!is_list(info.type) && contribution.values.size() != 1) {
            findings_.add({contribution.origin.to_string(),
                           fmt::format("{}: one value expected, {} given",
                                       contribution.name,
                                       contribution.values.size()),
                           "this is a defect of the driver"});
            return std::nullopt;
        }
        Values all;
        for (const std::string& text : contribution.values) {
            const Assignment assignment{contribution.name,
                                        text,
                                        false,
                                        contribution.name + "=" + text,
                                        contribution.origin};
            const auto values = parse_values(assignment, info, findings_);
            if (!values) {
                return std::nullopt;
            }
            append(all, *values, info);
        }
        return all;
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
    void extend(const Assignment& assignment, const ParamInfo& info, const Values& values) {
        const Param* present = find_param(params_, assignment.name);
        const bool is_default =
            present != nullptr && present->origin.kind == Origin::Kind::engine_default;
        Param& param = entry(assignment, info);
        if (values.empty() || is_default) {
            param.values.clear();
        }
        append(param.values, values, info);
    }

    void forget(const std::string& name) {
        const auto param = std::find_if(params_.begin(), params_.end(), [&name](const Param& each) {
            return each.name == name;
        });
        if (param != params_.end()) {
            params_.erase(param);
        }
    }

    /// The entry that `assignment` changes, made if need be, with its new origin.
    Param& entry(const Assignment& assignment, const ParamInfo& info) {
        auto param = std::find_if(params_.begin(), params_.end(), [&](const Param& each) {
            return each.name == assignment.name;
        });
        if (param == params_.end()) {
            params_.push_back({assignment.name, info.type, info.performer, {}, {}});
            param = params_.end() - 1;
        }
        param->origin = assignment.origin;
        return *param;
    }

    const Catalogue& catalogue_;
    Findings& findings_;
    ParamList params_;
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

ParamList merge_params(const ParamLayers& layers, const Catalogue& catalogue, Findings& findings) {
    Merger merger{catalogue, findings};
    merger.apply(layers.defaults);
    merger.apply(layers.contributions);
    const ParamList contributed = driver_params(merger.params());
    merger.apply(layers.image);
    merger.apply(layers.configuration);
    merger.apply(layers.command_line);
    merger.add_default_user();
    check_contradictions(contributed, merger.params(), findings);
    check_files(merger.params(), findings);
    check_names(merger.params(), findings);
    check_vnet(merger.params(), findings);
    return merger.params();
}

}  // namespace brig
