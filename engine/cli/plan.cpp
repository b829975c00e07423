// SPDX-License-Identifier: BSD-2-Clause
#include "container_options.hpp"
#include "describe.hpp"
#include "file_options.hpp"
#include "output.hpp"

#include <fmt/core.h>

namespace brig::cli {

namespace {

void print_differences(const std::vector<Change>& changes) {
    Table table{{"PARAMETER", "RUNNING", "PLANNED", "UPDATE", "REASON"}};
    for (const Change& change : changes) {
        table.add({change.name,
                   describe_values(change.old_values),
                   describe_values(change.new_values),
                   describe_time(change.when),
                   change.reason});
    }
    table.print();
}

void print_changes(const std::vector<Change>& changes, bool as_json) {
    if (as_json) {
        Json list = Json::array();
        for (const Change& change : changes) {
            list.add(cli::to_json(change));
        }
        print(list);
    } else if (changes.empty()) {
        print_line("no parameter differs");
    } else {
        print_differences(changes);
    }
}

std::string target_of(const Options& options) {
    return options.get("target", std::string{});
}

void refuse_run_options(const Options& options) {
    for (const char* name :
         {"param", "user", "env", "workdir", "network", "name", "interactive", "tty"}) {
        if (options.has(name)) {
            throw options.error(fmt::format(
                "--{} needs --image; a container that there is has its own, see update", name));
        }
    }
}

/// A container that there is, or of a file: `plan CONTAINER`, `plan -f FILE`, `plan --diff
/// CONTAINER`.
void plan_container(Invocation& call, const Options& options) {
    refuse_run_options(options);
    if (const auto running = options.find<std::string>("diff")) {
        options.require_operands(0, 0);
        print_changes(call.engine().compare(*running), call.json());
        return;
    }
    if (!options.has("file")) {
        options.require_operands(1, 1);
        if (!call.engine().is_configured(options.operands().front())) {
            print_plan(call.engine().plan(options.operands().front(), target_of(options)),
                       call.json());
            return;
        }
    }
    if (options.has("target")) {
        print_plans(call.engine().plan(selection(options), target_of(options)), call.json());
    } else {
        print_plans(call.engine().plan_up(selection(options), up_options(options)), call.json());
    }
}

}  // namespace

int plan(Invocation& call) {
    Options options{
        "plan [--target RELEASE] CONTAINER\n"
        "       brig plan [--target RELEASE | --recreate] -f FILE [NAME…]\n"
        "       brig plan --diff CONTAINER\n"
        "       brig plan [OPTION]… [--diff CONTAINER] --image IMAGE [COMMAND ARG…]"};
    add_container_options(options);
    add_file_option(options);
    add_recreate_option(options);
    options.add()("image", po::value<std::string>(), "the image of a container that there is not");
    options.add()("diff",
                  po::value<std::string>(),
                  "only the parameters that a running container has otherwise");
    options.add()("target",
                  po::value<std::string>(),
                  "check the parameters for freebsd-13.2, freebsd-14 or freebsd-15");
    if (!options.parse(call)) {
        return kDone;
    }
    if (options.has("target") && options.has("diff")) {
        throw options.error(
            "--target and --diff exclude each other: a container runs on this host");
    }
    if (options.has("target") && options.has("recreate")) {
        throw options.error("--target and --recreate exclude each other: `up` is for this host");
    }
    const auto image = options.find<std::string>("image");
    if (!image) {
        plan_container(call, options);
        return kDone;
    }
    const ContainerSpec spec = container_spec(options, *image);
    if (const auto running = options.find<std::string>("diff")) {
        print_changes(call.engine().compare(*running, spec), call.json());
    } else {
        print_plan(call.engine().plan(spec, target_of(options)), call.json());
    }
    return kDone;
}

}  // namespace brig::cli
