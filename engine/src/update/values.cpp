// SPDX-License-Identifier: BSD-2-Clause
#include "update/values.hpp"

#include "params/address_value.hpp"
#include "params/spelling.hpp"
#include "support/check.hpp"

#include <algorithm>
#include <array>

namespace brig {

namespace {

Change::Values default_of(const ParamInfo& info) {
    const bool may_be_empty = is_list(info.type) || info.type == ParamType::key_value;
    if (info.default_value.empty() && may_be_empty) {
        return std::vector<std::string>{};
    }
    if (info.default_value.empty() && info.type != ParamType::string) {
        return std::nullopt;
    }
    return std::vector{info.default_value};
}

/// Those that are read when something is started in the jail, or stops it.
constexpr std::array<std::string_view, 7> kReadLater{
    "exec.clean",
    "exec.fib",
    "exec.jail_user",
    "exec.prestop",
    "exec.stop",
    "exec.system_jail_user",
    "stop.timeout",
};

Changeability performed_by_engine(const std::string& name) {
    if (std::find(kReadLater.begin(), kReadLater.end(), name) == kReadLater.end()) {
        return {ChangeTime::next_start, "brig performs it as the container was started"};
    }
    const bool stops = name.find("stop") != std::string::npos;
    return {ChangeTime::now, stops ? "" : "for commands that are started from now on"};
}

/// Addresses with an interface, of their own or by `interface`, are made by brig when the container
/// starts; the kernel knows addresses alone.
bool has_interface(const ParamList& live, const Change::Values& values, ParamType type) {
    const bool is_address_list = type == ParamType::ip4_list || type == ParamType::ip6_list;
    if (!is_address_list || !values) {
        return false;
    }
    const Param* interface = find_param(live, "interface");
    const bool is_for_all = interface != nullptr && !interface->values.empty();
    return std::any_of(values->begin(), values->end(), [&](const std::string& text) {
        const auto value = parse_address_value(text, type);
        return value && (is_for_all || value->to_string() != value->address);
    });
}

}  // namespace

EffectiveValues::EffectiveValues(const Catalogue& catalogue) {
    for (const ParamInfo& info : catalogue.rows()) {
        defaults_.emplace(info.name, default_of(info));
    }
}

Change::Values EffectiveValues::of(const ParamList& params, const std::string& name) const {
    const Param* param = find_param(params, name);
    if (param != nullptr && (!param->values.empty() || is_list(param->type))) {
        return param->values;
    }
    const auto row = defaults_.find(name);
    // A member of a key_value parameter has no row; it is not there.
    return row == defaults_.end() ? std::vector<std::string>{} : row->second;
}

ParamList kernel_changes(const Catalogue& catalogue, const ParamList& from, const ParamList& to) {
    ParamList changes;
    for (const Param& param : to) {
        const Param* old = find_param(from, param.name);
        if (param.performer == ParamPerformer::kernel
            && (old == nullptr || old->values != param.values)) {
            changes.push_back(param);
        }
    }
    const auto is_gone = [&](const Param& param) {
        return param.performer == ParamPerformer::kernel && find_param(to, param.name) == nullptr;
    };
    if (std::none_of(from.begin(), from.end(), is_gone)) {
        return changes;
    }
    const EffectiveValues effective{catalogue};
    for (const Param& param : from) {
        if (is_gone(param)) {
            changes.push_back(param);
            changes.back().values = effective.of({}, param.name).value_or(param.values);
        }
    }
    return changes;
}

Changeability changeability(const Host& host, const ParamList& live, const Change& change) {
    const auto rule = host.catalogue().find(change.name);
    if (!rule) {
        return {ChangeTime::never, fmt::format("unknown parameter: {}", change.name)};
    }
    if (rule->access == ParamAccess::create_only) {  // the kernel's words
        return {ChangeTime::never, fmt::format("{} cannot be changed after creation", change.name)};
    }
    if (change.name == "persist") {
        return {ChangeTime::never, "persist: brig keeps the jail for as long as it runs"};
    }
    if (rule->performer == ParamPerformer::engine) {
        return performed_by_engine(change.name);
    }
    if (has_interface(live, change.old_values, rule->type)
        || has_interface(live, change.new_values, rule->type)) {
        return {ChangeTime::next_start, "interfaces get addresses when the container starts"};
    }
    if (!change.new_values) {
        return {ChangeTime::next_start, "its default is the kernel's own"};
    }
    return host.changeability(live, change.name);
}

}  // namespace brig
