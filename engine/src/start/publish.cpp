// SPDX-License-Identifier: BSD-2-Clause
#include "param_values.hpp"
#include "run/notes.hpp"
#include "start/verbs.hpp"

namespace brig {

void publish(const Launch& launch,
             const ParamList& params,
             const Jail& jail,
             const Process& process,
             Ledger& ledger) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    ledger.note(note::kParams, to_facts(params));
    // The user of `exec` gets what the image and -e gave, as the command does.
    std::vector<std::string> environment = launch.image.defaults.environment;
    environment.insert(
        environment.end(), launch.spec.environment.begin(), launch.spec.environment.end());
    ledger.note(note::kProcess,
                {{"pid", std::to_string(process.pid())},
                 {"jid", std::to_string(static_cast<int>(jail.id))},
                 {"root", jail.root.native()},
                 {"environment", join_list(environment)},
                 {"started", std::to_string(now.count())}});
}

void publish_ready(const ParamList& params, Ledger& ledger) {
    if (find_param(params, "exec.poststart") != nullptr) {
        ledger.note(note::kReady, {});
    }
}

}  // namespace brig
