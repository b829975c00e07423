// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"
#include "options.hpp"
#include "output.hpp"

#include <algorithm>

namespace brig::cli {

namespace {

void add_update_options(Options& options) {
    const auto list = [] { return po::value<Strings>()->composing(); };
    options.add()("param,J", list(), "a jail parameter, as for run; repeatable");
    options.add()("unset", list(), "a parameter that is to be as if never given; repeatable");
    options.add()("env,e", list(), "NAME=VALUE for its environment; repeatable");
    options.add()("unset-env", list(), "a variable to be taken away again; repeatable");
    options.add()(
        "restart", po::value<std::string>(), "no, on-failure[:N], always or unless-stopped");
}

UpdateSpec update_spec(const Options& options) {
    UpdateSpec spec;
    spec.params = options.get("param", Strings{});
    spec.unset = options.get("unset", Strings{});
    spec.environment = options.get("env", Strings{});
    spec.unset_environment = options.get("unset-env", Strings{});
    if (const auto policy = options.find<std::string>("restart")) {
        spec.restart = parse_restart_policy(*policy);
    }
    if (spec.params.empty() && spec.unset.empty() && spec.environment.empty()
        && spec.unset_environment.empty() && !spec.restart) {
        throw options.error("nothing to change: give -J, --unset, -e, --unset-env or --restart");
    }
    return spec;
}

/// The container may come first: nothing behind it belongs to a command of its own.
Strings container_last(Strings arguments) {
    if (!arguments.empty() && !arguments.front().starts_with('-')) {
        std::rotate(arguments.begin(), arguments.begin() + 1, arguments.end());
    }
    return arguments;
}

void print_table(const std::vector<Change>& changes) {
    Table table{{"PARAMETER", "OLD", "NEW", "WHEN", "REASON"}};
    for (const Change& change : changes) {
        const bool is_secret = change.is_variable;
        table.add({is_secret           ? "-e " + change.name
                   : change.is_setting ? "--" + change.name
                                       : change.name,
                   is_secret ? "" : describe_values(change.old_values),
                   is_secret ? "" : describe_values(change.new_values),
                   describe_time(change.when),
                   change.reason});
    }
    table.print();
}

}  // namespace

int update(Invocation& call) {
    Options options{"update CONTAINER OPTION…"};
    add_update_options(options);
    if (!options.parse(call, container_last(call.arguments()))) {
        return kDone;
    }
    options.require_operands(1, 1);
    const std::vector<Change> changes =
        call.engine().update(options.operands().front(), update_spec(options));
    if (call.json()) {
        Json list = Json::array();
        for (const Change& change : changes) {
            list.add(cli::to_json(change));
        }
        print(list);
    } else if (changes.empty()) {
        print_line("nothing is different");
    } else {
        print_table(changes);
    }
    return kDone;
}

}  // namespace brig::cli
