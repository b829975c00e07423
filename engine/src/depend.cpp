// SPDX-License-Identifier: BSD-2-Clause
#include "depend.hpp"

#include "find.hpp"
#include "param_values.hpp"
#include "params/parse.hpp"
#include "run/notes.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace brig {

namespace {

constexpr const char* kDepend = "depend";

/// By its name or whole id.
std::optional<std::string> find_id(Context& context, const std::string& reference) {
    if (auto id = context.store.find_container_id(reference)) {
        return id;
    }
    if (auto id = context.run.find_name(reference)) {
        return id;
    }
    return context.store.find_container_by_id(reference) ? std::optional{reference} : std::nullopt;
}

void keep_depend(std::vector<Assignment>& layer) {
    layer.erase(std::remove_if(layer.begin(),
                               layer.end(),
                               [](const Assignment& each) { return each.name != kDepend; }),
                layer.end());
}

/// What the configuration and its own parameters say of a container that is kept.
ParamList kept_params(Context& context, const ContainerSpec& spec) {
    Findings unsaid;  // reported when it is started
    ParamLayers layers;
    layers.configuration = configured_assignments(context, unsaid);
    for (const std::string& text : spec.params) {
        if (auto assignment = parse_assignment(
                text, {Origin::Kind::command_line, "-J"}, context.catalogue, unsaid)) {
            layers.command_line.push_back(std::move(*assignment));
        }
    }
    keep_depend(layers.configuration);
    keep_depend(layers.command_line);
    return merge_params(layers, context.catalogue, unsaid);
}

/// Of one that runs, what it was started with; otherwise what it would be.
std::vector<std::string> dependencies_of(Context& context, const std::string& id) {
    if (const auto ledger = Ledger::peek(context.run.ledger_file(id))) {
        return noted_dependencies(*ledger);
    }
    const auto record = context.store.find_container_by_id(id);
    return record ? dependencies_of(context, kept_params(context, record->spec))
                  : std::vector<std::string>{};
}

/// A walk along `depend`, depth first.
class Walk {
  public:
    explicit Walk(Context& context) : context_{context} {}

    /// What is known of a container that is about to start.
    void set(const Launch& launch, std::vector<std::string> dependencies) {
        names_[launch.id] = launch.name;
        known_[launch.id] = std::move(dependencies);
    }

    void visit(const std::string& id) {
        const auto before = std::find(path_.begin(), path_.end(), id);
        if (before != path_.end() && loop_.empty()) {
            loop_.assign(before, path_.end());
        }
        if (!done_.insert(id).second) {
            return;
        }
        path_.push_back(id);
        const auto known = known_.find(id);
        for (const std::string& dependency :
             known == known_.end() ? dependencies_of(context_, id) : known->second) {
            visit(dependency);
        }
        path_.pop_back();
        order_.push_back(id);
    }

    /// All that was visited, each after those it depends on.
    [[nodiscard]] const std::vector<std::string>& order() const noexcept { return order_; }

    /// @throws Error{invalid_config} when a loop was met.
    void require_no_loop() const {
        if (loop_.empty()) {
            return;
        }
        std::vector<std::string> names;
        for (const std::string& id : loop_) {
            names.push_back(name_of(id));
        }
        names.push_back(names.front());
        throw Error{
            ErrorCode::invalid_config,
            fmt::format("depend: '{}' depends on itself: {}", names.front(), join(names, " -> "))};
    }

  private:
    [[nodiscard]] std::string name_of(const std::string& id) const {
        if (const auto name = names_.find(id); name != names_.end()) {
            return name->second;
        }
        const auto record = context_.store.find_container_by_id(id);
        return record ? record->name : id;
    }

    Context& context_;
    std::map<std::string, std::string> names_;
    std::map<std::string, std::vector<std::string>> known_;
    std::vector<std::string> path_;
    std::vector<std::string> loop_;
    std::set<std::string> done_;
    std::vector<std::string> order_;
};

bool is_ready(Context& context, const std::string& id) {
    const auto ledger = Ledger::peek(context.run.ledger_file(id));
    return ledger && is_noted_ready(*ledger) && !noted_exit(*ledger)
           && Ledger::is_locked(context.run.ledger_file(id));
}

}  // namespace

std::vector<std::string> dependencies_of(Context& context, const ParamList& params) {
    std::vector<std::string> ids;
    for (const std::string& name : param_list(params, kDepend)) {
        if (auto id = find_id(context, name)) {
            ids.push_back(std::move(*id));
        }
    }
    return ids;
}

void require_dependencies(Context& context, const Launch& launch) {
    const std::vector<std::string> names = param_list(launch.params, kDepend);
    if (names.empty()) {
        return;
    }
    std::vector<std::string> ids;
    for (const std::string& name : names) {
        ids.push_back(name == launch.name ? launch.id : in_context("depend", [&] {
            return find_container(context, name);
        }));
    }
    Walk walk{context};
    walk.set(launch, ids);
    walk.visit(launch.id);
    walk.require_no_loop();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!is_ready(context, ids[i])) {
            throw Error{ErrorCode::conflict,
                        fmt::format("depend: container '{}' does not run", names[i])}
                .with_hint("start it first: brig start " + names[i]);
        }
    }
}

std::vector<std::string> in_start_order(Context& context,
                                        const std::vector<std::string>& containers) {
    std::map<std::string, std::string> references;  // by id
    std::vector<std::string> ordered;
    Walk walk{context};
    for (const std::string& reference : containers) {
        if (const auto id = find_id(context, reference)) {
            references.emplace(*id, reference);
            walk.visit(*id);
        } else {
            ordered.push_back(reference);
        }
    }
    for (const std::string& id : walk.order()) {
        if (const auto reference = references.find(id); reference != references.end()) {
            ordered.push_back(reference->second);
        }
    }
    return ordered;
}

std::vector<std::string> running_dependents(Context& context, const std::string& id) {
    std::vector<std::string> dependents;
    for (const std::string& other : context.run.ids()) {
        const auto ledger = Ledger::peek(context.run.ledger_file(other));
        if (!ledger || !Ledger::is_locked(context.run.ledger_file(other))) {
            continue;
        }
        const std::vector<std::string> needed = noted_dependencies(*ledger);
        if (std::find(needed.begin(), needed.end(), id) != needed.end()) {
            dependents.push_back(other);
        }
    }
    return dependents;
}

}  // namespace brig
