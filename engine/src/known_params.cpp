// SPDX-License-Identifier: BSD-2-Clause
#include "known_params.hpp"

#include "launch.hpp"
#include "params/rules.hpp"
#include "support/text.hpp"

namespace brig {

namespace {

ParamList default_params(const Context& context) {
    ParamLayers layers;
    layers.defaults = default_assignments("<id>", context.catalogue.platform());
    // What is wrong with the configuration is said when it is to be used; until then this list is
    // what helps to mend it.
    Findings unsaid;
    layers.configuration = configured_assignments(context, unsaid);
    return merge_params(layers, context.catalogue, unsaid);
}

}  // namespace

std::vector<ParamInfo> known_params(const Context& context) {
    const ParamList defaults = default_params(context);
    std::vector<ParamInfo> rows = context.catalogue.rows();
    for (ParamInfo& row : rows) {
        row.origin = row.performer == ParamPerformer::kernel ? "kernel" : "brig";
        if (is_reserved(row.name)) {
            row.access = ParamAccess::reserved;
        }
        if (const Param* param = find_param(defaults, row.name)) {
            const bool configured = param->origin.kind == Origin::Kind::configuration;
            row.default_value = join(param->values, ", ");
            row.origin = configured ? param->origin.to_string() : "brig";
        }
    }
    return rows;
}

}  // namespace brig
