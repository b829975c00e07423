// SPDX-License-Identifier: BSD-2-Clause
#include "driver.hpp"

#include "options.hpp"

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

constexpr std::array kDriverVerbs{Verb{"check", check_driver},
                                  Verb{"inspect", inspect_driver},
                                  Verb{"ls", list_drivers},
                                  Verb{"new", new_driver}};

}  // namespace

int driver(Invocation& call) {
    return run_verb(call, "driver", kDriverVerbs);
}

}  // namespace brig::cli
