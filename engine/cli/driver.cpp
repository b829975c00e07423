// SPDX-License-Identifier: BSD-2-Clause
#include "driver_check.hpp"
#include "options.hpp"
#include "output.hpp"

#include <algorithm>
#include <iostream>

namespace brig::cli {

namespace {

Json to_json(const DriverInfo& driver) {
    Json options = Json::array();
    for (const DriverInfo::Option& option : driver.options) {
        options.add(Json::object()
                        .add("name", option.name)
                        .add("type", option.type)
                        .add("default", option.default_value)
                        .add("required", option.required)
                        .add("choices", option.choices)
                        .add("help", option.help));
    }
    Json json = Json::object();
    json.add("name", driver.name).add("kind", driver.kind).add("file", driver.file);
    if (!driver.error.empty()) {
        return json.add("error", driver.error);
    }
    return json.add("version", driver.version)
        .add("summary", driver.summary)
        .add("vendor", driver.vendor)
        .add("license", driver.license)
        .add("platforms", driver.platforms)
        .add("params", driver.params)
        .add("options", options);
}

int list(Invocation& call) {
    Table table{{"NAME", "KIND", "VERSION", "SUMMARY"}};
    Json all = Json::array();
    for (const DriverInfo& driver : call.engine().drivers()) {
        all.add(to_json(driver));
        table.add({driver.name,
                   driver.kind,
                   driver.version,
                   driver.error.empty() ? driver.summary : "cannot be used: " + driver.error});
    }
    call.json() ? print(all) : table.print();
    return kDone;
}

void print_driver(const DriverInfo& driver) {
    Table facts{{"name", driver.name}};
    facts.add({"kind", driver.kind});
    facts.add({"version", driver.version});
    facts.add({"summary", driver.summary});
    facts.add({"vendor", driver.vendor});
    facts.add({"license", driver.license});
    facts.add({"platforms", driver.platforms});
    facts.add({"contributes", driver.params});
    facts.add({"file", driver.file.empty() ? "part of this program" : driver.file});
    facts.print();
    if (driver.options.empty()) {
        return;
    }
    std::cout << '\n';
    Table options{{"OPTION", "TYPE", "DEFAULT", "HELP"}};
    for (const DriverInfo::Option& option : driver.options) {
        std::string type = option.type;
        for (const std::string& choice : option.choices) {
            type += (&choice == &option.choices.front() ? " " : "|") + choice;
        }
        options.add({option.name,
                     type,
                     option.required ? "(required)" : option.default_value,
                     option.help});
    }
    options.print();
}

int inspect_driver(Invocation& call, const std::string& name) {
    const std::vector<DriverInfo> all = call.engine().drivers();
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const DriverInfo& driver) { return driver.name == name; });
    if (found == all.end()) {
        throw Error{ErrorCode::not_found, "no driver '" + name + "'"}.with_hint(
            "brig driver ls shows what there is");
    }
    call.json() ? print(to_json(*found)) : print_driver(*found);
    return kDone;
}

}  // namespace

int driver(Invocation& call) {
    const std::vector<std::string>& words = call.arguments();
    if (!words.empty() && words.front() == "check") {
        return check_driver(call, {words.begin() + 1, words.end()});
    }
    Options options{"driver ls | inspect NAME | check FILE.so"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, 2);
    const std::string& verb = options.operands().front();
    if (verb == "ls" && options.operands().size() == 1) {
        return list(call);
    }
    if (verb == "inspect" && options.operands().size() == 2) {
        return inspect_driver(call, options.operands()[1]);
    }
    throw options.error("say ls, inspect NAME, or check FILE.so");
}

}  // namespace brig::cli
