// SPDX-License-Identifier: BSD-2-Clause
#include "driver.hpp"

#include "options.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace brig::cli {

namespace {

int list_drivers(Invocation& call, Strings arguments) {
    Options options{"driver ls"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    Table table{{"NAME", "KIND", "VERSION", "ISOLATION", "SUMMARY"}};
    Json all = Json::array();
    for (const DriverInfo& driver : call.engine().drivers()) {
        all.add(driver_json(driver));
        table.add({driver.name,
                   driver.kind,
                   driver.version,
                   driver.isolation == Isolation::process ? "process" : "in-process",
                   driver.error.empty() ? driver.summary : "cannot be used: " + driver.error});
    }
    call.json() ? print(all) : table.print();
    return kDone;
}

struct Verb {
    const char* name;
    int (*run)(Invocation& call, Strings arguments);
};

constexpr std::array kVerbs{Verb{"check", check_driver},
                            Verb{"inspect", inspect_driver},
                            Verb{"ls", list_drivers},
                            Verb{"new", new_driver}};

}  // namespace

int driver(Invocation& call) {
    Options options{"driver check | inspect | ls | new …"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    const std::string& name = options.operands().front();
    const auto* const verb = std::find_if(
        kVerbs.begin(), kVerbs.end(), [&](const Verb& each) { return name == each.name; });
    if (verb == kVerbs.end()) {
        throw options.error("there is no 'driver " + name + "'");
    }
    return verb->run(call, {options.operands().begin() + 1, options.operands().end()});
}

}  // namespace brig::cli
