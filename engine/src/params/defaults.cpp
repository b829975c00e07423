// SPDX-License-Identifier: BSD-2-Clause
#include "params/merge.hpp"

namespace brig {

namespace {

Assignment engine_default(std::string name, std::string value) {
    Assignment assignment;
    assignment.text = name + "=" + value;
    assignment.name = std::move(name);
    assignment.value = std::move(value);
    return assignment;
}

}  // namespace

std::vector<Assignment> default_assignments(std::string_view id, std::string_view platform) {
    std::vector<Assignment> defaults{
        engine_default("host.hostname", std::string{id}),
        engine_default("mount.devfs", "true"),
        engine_default("exec.clean", "true"),
        engine_default("exec.stop", "/bin/sh /etc/rc.shutdown"),
    };
    if (platform == "linux") {
        // Programs for Linux expect a /proc, which those for FreeBSD do without.
        defaults.push_back(engine_default("mount.procfs", "true"));
    }
    return defaults;
}

}  // namespace brig
