// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

namespace brig::cli {

namespace {

Json to_json(const ContainerSpec& spec, const std::string& id) {
    Json params = Json::array();
    for (std::size_t i = 0; i < spec.params.size(); ++i) {
        params.add(
            Json::object().add("param", spec.params[i]).add("origin", spec.param_origins.at(i)));
    }
    Json json = Json::object();
    if (!id.empty()) {
        json.add("id", id);
    }
    return json.add("name", spec.name)
        .add("root", spec.root)
        .add("command", spec.command)
        .add("params", params);
}

Json to_json(const ImportReport& report) {
    Json containers = Json::array();
    for (std::size_t i = 0; i < report.specs.size(); ++i) {
        containers.add(to_json(report.specs[i], report.ids.empty() ? "" : report.ids.at(i)));
    }
    Json left_out = Json::array();
    for (const ImportNote& note : report.left_out) {
        left_out.add(Json::object()
                         .add("where", note.where)
                         .add("message", note.message)
                         .add("hint", note.hint));
    }
    return Json::object().add("containers", containers).add("left_out", left_out);
}

void print_spec(const ContainerSpec& spec) {
    print_line(fmt::format("{}: root {}", spec.name, spec.root));
    Table table{{"  PARAMETER", "ORIGIN"}};
    for (std::size_t i = 0; i < spec.params.size(); ++i) {
        table.add({"  " + spec.params[i], spec.param_origins.at(i)});
    }
    for (const std::string& word : spec.command) {
        table.add({"  command: " + word, ""});
    }
    table.print();
}

void print_report(const ImportReport& report, bool is_dry_run) {
    for (const ImportNote& note : report.left_out) {
        complain(fmt::format("brig: {}: left out: {}{}",
                             note.where,
                             note.message,
                             note.hint.empty() ? "" : " (" + note.hint + ")"));
    }
    if (!is_dry_run) {
        for (const std::string& id : report.ids) {
            print_line(id);
        }
        return;
    }
    for (const ContainerSpec& spec : report.specs) {
        print_spec(spec);
    }
}

}  // namespace

int import_jails(Invocation& call) {
    Options options{"import FILE [NAME…] [--dry-run]"};
    options.add()("dry-run", "show what would be made, and make nothing");
    if (!options.parse_interleaved(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    ImportSpec spec;
    spec.file = options.operands().front();
    spec.jails.assign(options.operands().begin() + 1, options.operands().end());
    spec.dry_run = options.has("dry-run");
    const ImportReport report = call.engine().import_jail_conf(spec);
    call.json() ? print(to_json(report)) : print_report(report, spec.dry_run);
    return kDone;
}

}  // namespace brig::cli
