// SPDX-License-Identifier: BSD-2-Clause
#include "file_options.hpp"

#include "container_options.hpp"
#include "describe.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig::cli {

namespace {

const char* describe_intention(UpAction action) {
    switch (action) {
        case UpAction::create:
            return "create and start";
        case UpAction::start:
            return "start";
        case UpAction::update:
            return "update";
        case UpAction::recreate:
            return "remove, create and start";
        case UpAction::unchanged:
            break;
    }
    return "leave unchanged";
}

Json json_of_plan(const UpPlan& plan) {
    Json changes = Json::array();
    for (const Change& change : plan.changes) {
        changes.add(cli::to_json(change));
    }
    return Json::object()
        .add("up", describe_intention(plan.action))
        .add("changes", changes)
        .add("plan", cli::to_json(plan.plan));
}

}  // namespace

void add_file_option(Options& options) {
    options.add()("file,f",
                  po::value<std::string>(),
                  "a file with [container.NAME] tables, instead of the configuration");
}

ContainerSelection selection(const Options& options) {
    ContainerSelection selection;
    if (const auto file = options.find<std::string>("file")) {
        selection.file = *file;
    }
    selection.names = options.operands();
    return selection;
}

void add_recreate_option(Options& options) {
    options.add()("recreate",
                  "remove and create anew what cannot be changed; what is in its root is lost");
}

UpOptions up_options(const Options& options) {
    UpOptions up;
    up.recreate = options.has("recreate");
    return up;
}

void print_changes_of(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
        const std::string values = change.is_variable
                                       ? ""
                                       : fmt::format(": {} -> {}",
                                                     describe_values(change.old_values),
                                                     describe_values(change.new_values));
        print_line(fmt::format("  {}{}{}, {}{}",
                               change.is_variable ? "-e " : "",
                               change.name,
                               values,
                               describe_time(change.when),
                               change.reason.empty() ? "" : ": " + change.reason));
    }
}

void print_plans(const std::vector<UpPlan>& plans, bool as_json) {
    Json list = Json::array();
    for (const UpPlan& plan : plans) {
        if (as_json) {
            list.add(json_of_plan(plan));
            continue;
        }
        print_line(
            fmt::format("brig up would {} '{}'", describe_intention(plan.action), plan.plan.name));
        print_changes_of(plan.changes);
        print_plan(plan.plan, false);
        print_line("");
    }
    if (as_json) {
        print(list);
    }
}

void print_plans(const std::vector<Plan>& plans, bool as_json) {
    Json list = Json::array();
    for (const Plan& plan : plans) {
        if (as_json) {
            list.add(cli::to_json(plan));
        } else {
            print_plan(plan, false);
            print_line("");
        }
    }
    if (as_json) {
        print(list);
    }
}

}  // namespace brig::cli
