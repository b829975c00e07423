// SPDX-License-Identifier: BSD-2-Clause
#include "events/announce.hpp"
#include "hooks.hpp"
#include "param_values.hpp"
#include "process/wait.hpp"
#include "run/notes.hpp"
#include "start.hpp"
#include "support/check.hpp"
#include "undo.hpp"
#include "wind_down.hpp"

namespace brig {

namespace {

/// Keeps the exit status of a container that is kept.
void record_exit(Context& context, const Run& run, const ExitStatus& status) {
    if (run.ephemeral) {
        return;
    }
    if (auto record = context.store.find_container_by_id(run.id)) {
        record->exit = status;
        record->started = container_info(run.id, run.ledger, context.catalogue).started;
        record->finished = std::chrono::system_clock::now();
        context.store.update_container(*record);
    }
}

}  // namespace

ExitStatus end(Context& context, Run& run) {
    return in_context(fmt::format("ending '{}'", run.id), [&] {
        TearDownUnlessKept undo{context, run.id, run.ledger};
        const ExitStatus status = run.process->wait();
        run.ledger.note(note::kExit, exit_facts(status));
        run.ledger.reload();
        if (run.ledger.find_note(note::kUpdate) != nullptr) {
            run.params = container_info(run.id, run.ledger, context.catalogue).params;
        }
        if (!is_noted_stopping(run.ledger)) {
            Hooks hooks{context, run.id, run.params, run.io.still_open()};
            hooks.set_root(run.jail.root);
            hooks.set_jail(run.jail);
            wind_down(context, run.jail, run.params, hooks, StopReason::command_ended);
        }
        record_exit(context, run, status);
        undo.keep();
        spend_ledger(context, run.id, run.ledger);
        announce_end(context, run.id, run.ledger);
        return status;
    });
}

ExitStatus finish(Context& context, Run& run) {
    const ExitStatus status = end(context, run);
    context.run.close(run.id, run.ledger);
    return status;
}

}  // namespace brig
