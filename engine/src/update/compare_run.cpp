// SPDX-License-Identifier: BSD-2-Clause
#include "params/address_value.hpp"
#include "params/spelling.hpp"
#include "support/check.hpp"
#include "update/values.hpp"
#include "update/verbs.hpp"

#include <set>

namespace brig {

namespace {

bool is_address_list(const Param& param) {
    return param.type == ParamType::ip4_list || param.type == ParamType::ip6_list;
}

/// With addresses the kernel calls the mode `disable`, whatever it was set to; see jail(8),
/// ip4.addr.
bool is_hidden_mode(const ParamList& seen, const std::string& name) {
    const Param* addresses = find_param(seen, name + ".addr");
    return (name == "ip4" || name == "ip6") && addresses != nullptr && !addresses->values.empty();
}

/// What the run noted, with the kernel's own view of what is the kernel's.
ParamList parameters_of_run(Context& context, const LiveRun& run) {
    ParamList params = run.params;
    const ParamList seen = context.host.jail_params(run.jail);
    for (Param& param : params) {
        const Param* now = find_param(seen, param.name);
        if (now != nullptr && param.performer == ParamPerformer::kernel
            && !is_hidden_mode(seen, param.name)) {
            param.values = now->values;
        }
    }
    for (const Param& param : seen) {
        const auto rule = context.catalogue.find(param.name);
        if (find_param(params, param.name) == nullptr && rule
            && rule->access == ParamAccess::read_write && !is_hidden_mode(seen, param.name)) {
            params.push_back(param);
        }
    }
    return params;
}

/// As the kernel knows them, which has no interfaces.
void strip_interfaces(ParamList& params) {
    for (Param& param : params) {
        for (std::string& text : param.values) {
            const auto value =
                is_address_list(param) ? parse_address_value(text, param.type) : std::nullopt;
            text = value ? value->address : text;
        }
    }
}

/// What nobody sets and has no default that could be known: a version, a number of the host.
bool is_kernels_own(const Change& planned, const LiveRun& run, const Launch& launch) {
    const bool is_known = planned.new_values && *planned.new_values != std::vector<std::string>{""};
    return !is_known && find_param(run.params, planned.name) == nullptr
           && find_param(launch.params, planned.name) == nullptr;
}

/// Set by brig itself on every jail, whatever the user says.
bool is_brigs(const std::string& name) {
    return name == "name" || name == "path" || name == "persist";
}

}  // namespace

std::vector<Change> compare_run(Context& context, const Subject& subject, const Launch& launch) {
    if (!subject.run) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' does not run", subject.name)}
            .with_hint("without --diff, plan shows what its start would do");
    }
    ParamList running = parameters_of_run(context, *subject.run);
    ParamList planned = launch.params;
    std::set<std::string> names;
    for (ParamList* params : {&running, &planned}) {
        strip_interfaces(*params);
        for (const Param& param : *params) {
            names.insert(param.name);
        }
    }
    const EffectiveValues effective{context.catalogue};
    std::vector<Change> changes;
    for (const std::string& name : names) {
        Change change;
        change.name = name;
        change.old_values = effective.of(running, name);
        change.new_values = effective.of(planned, name);
        if (change.old_values == change.new_values || is_brigs(name)
            || is_kernels_own(change, *subject.run, launch)) {
            continue;
        }
        Changeability can = changeability(context.host, subject.run->params, change);
        change.when = can.when;
        change.reason = std::move(can.reason);
        changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace brig
