// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"
#include "file_options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig::cli {

namespace {

const char* describe_result(UpAction action) {
    switch (action) {
        case UpAction::create:
            return "created";
        case UpAction::start:
            return "started";
        case UpAction::update:
            return "updated";
        case UpAction::recreate:
            return "recreated";
        case UpAction::unchanged:
            break;
    }
    return "unchanged";
}

const char* describe_result(const DownResult& result) {
    if (result.removed) {
        return "removed";
    }
    return result.stopped ? "stopped" : "does not run";
}

Json json_of_failure(const std::optional<Error>& failure, Json json) {
    if (failure) {
        return json.add("failure", full_message(*failure)).add("hint", failure->hint());
    }
    return json;
}

Json to_json(const UpResult& result) {
    Json changes = Json::array();
    for (const Change& change : result.changes) {
        changes.add(cli::to_json(change));
    }
    return json_of_failure(
        result.failure,
        Json::object()
            .add("name", result.name)
            .add("id", result.id)
            .add("result", result.failure ? "failed" : describe_result(result.action))
            .add("changes", changes));
}

Json to_json(const DownResult& result) {
    return json_of_failure(result.failure,
                           Json::object()
                               .add("name", result.name)
                               .add("id", result.id)
                               .add("result", result.failure ? "failed" : describe_result(result)));
}

void print_result(const UpResult& result) {
    print_line(fmt::format("{}: {}", result.name, describe_result(result.action)));
    print_changes_of(result.changes);
}

void print_result(const DownResult& result) {
    print_line(fmt::format("{}: {}", result.name, describe_result(result)));
}

/// Results go to standard output, failures to standard error. The exit status.
template <typename Result>
int report(const std::vector<Result>& results, bool as_json) {
    Json list = Json::array();
    bool failed = false;
    for (const Result& result : results) {
        failed = failed || result.failure;
        if (as_json) {
            list.add(to_json(result));
        } else if (!result.failure) {
            print_result(result);
        } else {
            const std::string& hint = result.failure->hint();
            complain(fmt::format("brig: {}{}",
                                 full_message(*result.failure),
                                 hint.empty() ? "" : " (" + hint + ")"));
        }
    }
    if (as_json) {
        print(list);
    }
    return failed ? kFailed : kDone;
}

}  // namespace

int up(Invocation& call) {
    Options options{"up [-f FILE] [--recreate] [NAME…]"};
    add_file_option(options);
    add_recreate_option(options);
    if (!options.parse_interleaved(call)) {
        return kDone;
    }
    return report(call.engine().up(selection(options), up_options(options)), call.json());
}

int down(Invocation& call) {
    Options options{"down [-f FILE] [--rm] [-t SECONDS] [--force] [NAME…]"};
    add_file_option(options);
    options.add()("rm", "remove the containers too, with what is in their roots");
    options.add()("time,t", po::value<unsigned>(), "seconds between SIGTERM and SIGKILL");
    options.add()("force", "go on when exec.prestop or exec.stop fails");
    if (!options.parse_interleaved(call)) {
        return kDone;
    }
    DownOptions down;
    down.remove = options.has("rm");
    down.force = options.has("force");
    if (const auto seconds = options.find<unsigned>("time")) {
        down.timeout = std::chrono::seconds{*seconds};
    }
    return report(call.engine().down(selection(options), down), call.json());
}

}  // namespace brig::cli
