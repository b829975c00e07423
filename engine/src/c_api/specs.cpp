// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/specs.hpp"

#include <optional>

namespace brig::c_api {

namespace {

std::optional<std::string> given_text(const char* text) {
    return text == nullptr ? std::nullopt : std::optional<std::string>{text};
}

}  // namespace

ContainerSpec spec_of(const brig_container_spec* passed) {
    const auto options = options_from(passed, "brig_container_spec");
    ContainerSpec spec;
    spec.image = text_of(options.image);
    spec.name = text_of(options.name);
    spec.command = texts_of(options.command);
    spec.params = texts_of(options.params);
    spec.environment = texts_of(options.environment);
    spec.networks = texts_of(options.networks);
    spec.publish = texts_of(options.publish);
    spec.user = given_text(options.user);
    spec.workdir = given_text(options.workdir);
    if (options.restart != nullptr) {
        spec.restart = parse_restart_policy(options.restart);
    }
    spec.ephemeral = (options.flags & BRIG_SPEC_EPHEMERAL) != 0;
    spec.interactive = (options.flags & BRIG_SPEC_INTERACTIVE) != 0;
    spec.terminal = (options.flags & BRIG_SPEC_TERMINAL) != 0;
    return spec;
}

ExecSpec exec_of(const brig_exec_spec* passed) {
    const auto options = options_from(passed, "brig_exec_spec");
    ExecSpec spec;
    spec.command = texts_of(options.command);
    spec.environment = texts_of(options.environment);
    spec.user = given_text(options.user);
    spec.workdir = given_text(options.workdir);
    spec.interactive = (options.flags & BRIG_SPEC_INTERACTIVE) != 0;
    spec.terminal = (options.flags & BRIG_SPEC_TERMINAL) != 0;
    return spec;
}

}  // namespace brig::c_api
