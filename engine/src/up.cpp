// SPDX-License-Identifier: BSD-2-Clause
#include "up.hpp"

#include "create.hpp"
#include "plan.hpp"
#include "remove.hpp"
#include "spec/container_spec.hpp"
#include "stop.hpp"
#include "supervise/supervise.hpp"
#include "support/check.hpp"
#include "up/in_order.hpp"
#include "up/intend.hpp"
#include "update.hpp"

namespace brig {

namespace {

/// A start that goes on in the container's supervisor.
class StartJob : public Job {
  public:
    StartJob(Context& context, const Launch& launch)
        : name_{launch.name}, start_{context, launch} {}

    [[nodiscard]] int fd() const override { return start_.fd(); }

    void wait() override {
        in_context(fmt::format("starting '{}'", name_), [&] { start_.wait(); });
    }

  private:
    std::string name_;
    SupervisedStart start_;
};

void create_new(Context& context, Intended& intended) {
    // With an id of its own, which its parameters know.
    intended.chosen.id = new_id();
    const Launch launch = resolve_launch(context, intended.spec, intended.chosen.id);
    create(context, launch);
}

/// Lines of the file may have moved, which is no change.
void keep_places(Context& context, const Intended& intended) {
    const auto record = context.store.find_container_by_id(intended.chosen.id);
    if (record && to_toml(record->spec) != to_toml(intended.spec)) {
        context.store.change_spec(intended.chosen.id,
                                  [&](ContainerSpec& spec) { spec = intended.spec; });
    }
}

/// Has the container be kept as the file says.
void keep(Context& context, Intended& intended) {
    const std::string& id = intended.chosen.id;
    switch (intended.action) {
        case UpAction::create:
            create_new(context, intended);
            break;
        case UpAction::recreate:
            stop(context, id, {});
            remove(context, id);
            create_new(context, intended);
            break;
        case UpAction::update:
            update_to(context, id, intended.spec, intended.chosen.configured.where);
            break;
        case UpAction::unchanged:
        case UpAction::start:
            keep_places(context, intended);
            break;
    }
}

std::unique_ptr<Job> begin(Context& context, Intended& intended) {
    const std::string& id = intended.chosen.id;
    await_settled(context, id);
    in_context(fmt::format("container '{}'", intended.spec.name), [&] { keep(context, intended); });
    if (is_running(context, id)) {
        if (intended.action == UpAction::start) {
            intended.action = UpAction::unchanged;  // another `up` was faster
        }
        return nullptr;
    }
    if (intended.action == UpAction::unchanged) {
        intended.action = UpAction::start;  // stopped meanwhile, with one that it depends on
    }
    const auto record = context.store.find_container_by_id(id);
    if (!record) {
        throw Error{ErrorCode::not_found,
                    fmt::format("container '{}' was just removed", intended.spec.name)};
    }
    if (record->stopped_by_user) {
        context.store.set_stopped_by_user(id, false);
    }
    return std::make_unique<StartJob>(context, resolve_record(context, *record));
}

void warn(const Context& context, const Intended& intended) {
    const bool is_news =
        intended.action != UpAction::unchanged && intended.action != UpAction::start;
    for (const std::string& warning : intended.chosen.launch->warnings) {
        if (is_news) {
            context.log.warn("{}: {}", intended.spec.name, warning);
        }
    }
}

/// An `up` that was killed leaves supervisors that still start containers.
void await_all_settled(Context& context, const ContainerSelection& selection) {
    for (const std::string& name : chosen_names(containers_of(context, selection), selection)) {
        if (const auto id = context.store.find_container_id(name)) {
            await_settled(context, *id);
        }
    }
}

std::vector<Task> tasks_of(Context& context, std::vector<Intended>& all) {
    std::vector<Task> tasks;
    for (Intended& each : all) {
        tasks.push_back({each.spec.name, each.chosen.needs, [&] { return begin(context, each); }});
    }
    return tasks;
}

}  // namespace

std::vector<UpResult> up(Context& context,
                         const ContainerSelection& selection,
                         const UpOptions& options) {
    Findings findings;
    await_all_settled(context, selection);
    std::vector<Intended> all = intend(context, selection, options, findings);
    findings.throw_if_any();
    context.host.require_privilege();
    for (const Intended& each : all) {
        warn(context, each);
    }
    std::vector<std::optional<Error>> failures = carry_out_in_order(tasks_of(context, all));
    std::vector<UpResult> results;
    for (std::size_t i = 0; i < all.size(); ++i) {
        results.push_back({all[i].spec.name,
                           all[i].chosen.id,
                           all[i].action,
                           std::move(all[i].changes),
                           std::move(failures[i])});
    }
    return results;
}

std::vector<UpPlan> plan_up(Context& context,
                            const ContainerSelection& selection,
                            const UpOptions& options) {
    Findings findings;
    std::vector<Intended> all = intend(context, selection, options, findings);
    findings.throw_if_any();
    std::vector<UpPlan> plans;
    for (Intended& each : all) {
        plans.push_back(
            {each.action, std::move(each.changes), make_plan(context, *each.chosen.launch)});
    }
    return plans;
}

std::vector<Plan> plan_containers(Context& context, const ContainerSelection& selection) {
    Findings findings;
    const std::vector<Chosen> all = choose(context, selection, findings);
    findings.throw_if_any();
    std::vector<Plan> plans;
    for (const Chosen& chosen : all) {
        plans.push_back(make_plan(context, *chosen.launch));
    }
    return plans;
}

std::vector<std::string> check_containers(Context& context, const ContainerSelection& selection) {
    if (!selection.file && context.settings.containers.empty()) {
        return {};
    }
    Findings findings;
    std::vector<std::string> names;
    for (const Chosen& chosen : choose(context, selection, findings)) {
        names.push_back(chosen.configured.spec.name);
    }
    findings.throw_if_any();
    return names;
}

}  // namespace brig
