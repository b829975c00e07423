// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/specs.hpp"
#include "support/text.hpp"

#include <map>

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

struct brig_plan {
    struct Value {
        std::string text;
        std::string origin;
    };

    explicit brig_plan(Plan made) : plan{std::move(made)} {
        for (const Param& param : plan.params) {
            params[param.name] = {join(param.values, ","), param.origin.to_string()};
        }
    }

    Plan plan;
    std::map<std::string, Value> params;
};

namespace {

const brig_plan::Value* find(const brig_plan* plan, const char* name) {
    if (plan == nullptr || name == nullptr) {
        return nullptr;
    }
    const auto found = plan->params.find(name);
    return found == plan->params.end() ? nullptr : &found->second;
}

}  // namespace

brig_error_code brig_container_plan(brig_engine* engine,
                                    const brig_container_spec* spec,
                                    brig_plan** plan,
                                    brig_error* error) {
    const auto make = [&] {
        *plan = nullptr;
        *plan = new brig_plan{engine->engine.plan(spec_of(spec))};
    };
    return guarded_with(error, make, engine, plan);
}

size_t brig_plan_steps(const brig_plan* plan) {
    return plan == nullptr ? 0 : plan->plan.steps.size();
}

const char* brig_plan_step_verb(const brig_plan* plan, size_t index) {
    return index < brig_plan_steps(plan) ? plan->plan.steps[index].verb.c_str() : "";
}

const char* brig_plan_step_object(const brig_plan* plan, size_t index) {
    return index < brig_plan_steps(plan) ? plan->plan.steps[index].object.c_str() : "";
}

const char* brig_plan_param(const brig_plan* plan, const char* name) {
    const brig_plan::Value* value = find(plan, name);
    return value == nullptr ? nullptr : value->text.c_str();
}

const char* brig_plan_param_origin(const brig_plan* plan, const char* name) {
    const brig_plan::Value* value = find(plan, name);
    return value == nullptr ? nullptr : value->origin.c_str();
}

const char* brig_plan_jail_command(const brig_plan* plan) {
    return plan == nullptr ? "" : plan->plan.jail_command.c_str();
}

void brig_plan_free(brig_plan* plan) {
    delete plan;
}
