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

struct DriverVerb {
    const char* name;
    int (*run)(Invocation& call, Strings arguments);
};

constexpr std::array kDriverVerbs{DriverVerb{"check", check_driver},
                                  DriverVerb{"inspect", inspect_driver},
                                  DriverVerb{"ls", list_drivers},
                                  DriverVerb{"new", new_driver}};

}  // namespace

int driver(Invocation& call) {
    Options options{"driver check | inspect | ls | new …"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    const std::string& name = options.operands().front();
    const auto* const verb =
        std::find_if(kDriverVerbs.begin(), kDriverVerbs.end(), [&](const DriverVerb& each) {
            return name == each.name;
        });
    if (verb == kDriverVerbs.end()) {
        throw options.error("there is no 'driver " + name + "'");
    }
    return verb->run(call, {options.operands().begin() + 1, options.operands().end()});
}

}  // namespace brig::cli
