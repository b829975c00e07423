// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <array>

namespace brig::cli {

namespace {

Json to_json(const SnapshotInfo& snapshot) {
    return Json::object().add("name", snapshot.name).add("created", format_time(snapshot.created));
}

int create_snapshot(Invocation& call, Strings arguments) {
    Options options{"snapshot create CONTAINER [NAME]"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 2);
    const Strings& words = options.operands();
    const SnapshotInfo taken =
        call.engine().create_snapshot(words[0], words.size() > 1 ? words[1] : "");
    call.json() ? print(to_json(taken)) : print_line(taken.name);
    return kDone;
}

int list_snapshots(Invocation& call, Strings arguments) {
    Options options{"snapshot ls CONTAINER"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    Table table{{"NAME", "CREATED"}};
    Json list = Json::array();
    for (const SnapshotInfo& snapshot : call.engine().snapshots(options.operands().front())) {
        list.add(to_json(snapshot));
        table.add({snapshot.name, format_age(snapshot.created)});
    }
    call.json() ? print(list) : table.print();
    return kDone;
}

int remove_snapshots(Invocation& call, Strings arguments) {
    Options options{"snapshot rm CONTAINER NAME…"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(2, kMany);
    const Strings& words = options.operands();
    for (auto name = words.begin() + 1; name != words.end(); ++name) {
        call.engine().remove_snapshot(words.front(), *name);
    }
    return kDone;
}

/// As docker and zfs print them.
const char* letter_of(PathChange::Kind kind) {
    switch (kind) {
        case PathChange::Kind::added:
            return "A";
        case PathChange::Kind::deleted:
            return "D";
        case PathChange::Kind::changed:
            break;
    }
    return "C";
}

constexpr std::array kSnapshotVerbs{
    Verb{"create", create_snapshot}, Verb{"ls", list_snapshots}, Verb{"rm", remove_snapshots}};

}  // namespace

int snapshot(Invocation& call) {
    return run_verb(call, "snapshot", kSnapshotVerbs);
}

int rollback(Invocation& call) {
    Options options{"rollback [--force] CONTAINER SNAPSHOT"};
    options.add()("force", "remove the snapshots that were taken since");
    if (!options.parse_interleaved(call)) {
        return kDone;
    }
    options.require_operands(2, 2);
    call.engine().roll_back(options.operands()[0], options.operands()[1], options.has("force"));
    return kDone;
}

int diff(Invocation& call) {
    Options options{"diff CONTAINER [SNAPSHOT]"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, 2);
    const Strings& words = options.operands();
    Json list = Json::array();
    for (const PathChange& change :
         call.engine().diff(words[0], words.size() > 1 ? words[1] : "")) {
        if (call.json()) {
            list.add(Json::object().add("kind", to_string(change.kind)).add("path", change.path));
        } else {
            print_line(fmt::format("{} {}", letter_of(change.kind), change.path));
        }
    }
    if (call.json()) {
        print(list);
    }
    return kDone;
}

}  // namespace brig::cli
