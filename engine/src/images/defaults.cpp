// SPDX-License-Identifier: BSD-2-Clause
#include "images/defaults.hpp"

#include "process/environment.hpp"

namespace brig {

ImageDefaults merge_defaults(ImageDefaults base, const ImageDefaults& over) {
    add_variables(base.environment, over.environment);
    if (!over.user.empty()) {
        base.user = over.user;
    }
    if (!over.command.empty()) {
        base.command = over.command;
    }
    if (!over.workdir.empty()) {
        base.workdir = over.workdir;
    }
    return base;
}

void check_defaults(const ImageDefaults& defaults) {
    Findings findings;
    for (const std::string& variable : defaults.environment) {
        check_variable(variable, findings);
    }
    findings.throw_if_any();
}

}  // namespace brig
