// SPDX-License-Identifier: BSD-2-Clause
#include "stop.hpp"

#include "depend.hpp"
#include "events/announce.hpp"
#include "find.hpp"
#include "hooks.hpp"
#include "param_values.hpp"
#include "process/wait.hpp"
#include "recover.hpp"
#include "run/notes.hpp"
#include "support/check.hpp"
#include "wind_down.hpp"

#include <csignal>

namespace brig {

namespace {

/// Notes that the container's restart policy has no say any more, and wakes its supervisor where it
/// waits to start it again. Returns the ledger with the note; nothing when the container does not
/// run. Why the folder is locked: see Supervisor.
std::optional<Ledger> forbid_restart(Context& context, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    const std::filesystem::path file = context.run.ledger_file(id);
    auto ledger = Ledger::peek(file);
    if (ledger) {
        if (!is_restart_forbidden(*ledger)) {
            claim(*ledger, note::kNoRestart);
        }
        // While the ledger is held and the folder locked, the pid is still the supervisor's.
        if (const auto restarter = noted_restarter(*ledger); restarter && Ledger::is_locked(file)) {
            ::kill(*restarter, SIGTERM);
        }
    }
    return ledger;
}

/// A `stop` that fails leaves the container to its owner and its restart policy, as before.
class WithdrawUnlessStopped {
  public:
    WithdrawUnlessStopped(Context& context, const std::string& id, Ledger& ledger)
        : context_{context}, id_{id}, ledger_{ledger} {}
    WithdrawUnlessStopped(const WithdrawUnlessStopped&) = delete;
    WithdrawUnlessStopped& operator=(const WithdrawUnlessStopped&) = delete;
    WithdrawUnlessStopped(WithdrawUnlessStopped&&) = delete;
    WithdrawUnlessStopped& operator=(WithdrawUnlessStopped&&) = delete;

    ~WithdrawUnlessStopped() {
        if (stopped_) {
            return;
        }
        try {
            const UniqueFd lock = context_.run.lock(id_);
            withdraw(ledger_, note::kStopping);
            withdraw(ledger_, note::kNoRestart);
        } catch (const std::exception& failure) {
            context_.log.warn("{}", full_message(failure));
        }
    }

    void stopped() noexcept { stopped_ = true; }

  private:
    Context& context_;
    const std::string& id_;
    Ledger& ledger_;
    bool stopped_ = false;
};

/// How long an owner may take to tear down when its jail is gone.
constexpr std::chrono::seconds kTearDownTime{60};

/// Removes the jail and waits until the container's owner has torn everything down, or does so in
/// the place of an owner that died.
void end_and_await_owner(Context& context, const std::string& id) {
    context.host.remove_jail(id, context.run.folder(id));
    const auto closed = [&] { return !Ledger::is_locked(context.run.ledger_file(id)); };
    if (!wait_until(closed, kTearDownTime)) {
        throw Error{ErrorCode::conflict,
                    fmt::format("the owner of container '{}' does not end", id)}
            .with_hint(
                "its jail is gone; end the brig process that started it, then: brig recover");
    }
    recover_container(context, id);
}

}  // namespace

void stop(Context& context, const std::string& id, const StopOptions& options) {
    if (recover_container(context, id)) {
        return;
    }
    auto ledger = forbid_restart(context, id);
    if (!ledger) {
        return;
    }
    WithdrawUnlessStopped withdraw{context, id, *ledger};
    for (const std::string& dependent : running_dependents(context, id)) {
        in_context(fmt::format("stopping '{}', which depends on it", dependent), [&] {
            stop(context, dependent, {std::nullopt, options.force});
        });
    }
    const std::optional<Jail> jail = context.host.find_jail(id, context.run.folder(id));
    const ContainerInfo info = container_info(id, *ledger, context.catalogue);
    if (jail && info.started) {
        const int output = context.settings.hook_output;
        Hooks hooks{context, id, info.params, {-1, output, output}};
        hooks.set_root(info.root);
        hooks.set_jail(*jail);
        // Before the hooks: exec.stop may well end the command, and its owner must not run them
        // again.
        claim(*ledger, note::kStopping);
        run_stop_hooks(
            context, info.params, hooks, options.force ? StopReason::forced : StopReason::asked);
        withdraw.stopped();
        terminate_processes(context,
                            *jail,
                            options.timeout.value_or(param_seconds(
                                info.params, "stop.timeout", std::chrono::seconds{10})));
    }
    withdraw.stopped();
    const std::string name = name_of_container(context, id);  // an ephemeral one's goes with it
    end_and_await_owner(context, id);
    announce_container(context, EventAction::stopped, id, name);
}

void kill(Context& context, const std::string& id, int signal) {
    const auto ledger = Ledger::peek(context.run.ledger_file(id));
    const auto pid = ledger ? noted_pid(*ledger) : std::nullopt;
    const auto jail = context.host.find_jail(id, context.run.folder(id));
    if (!pid || !jail || noted_exit(*ledger) || !Ledger::is_locked(context.run.ledger_file(id))) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' does not run", id)};
    }
    if (signal == SIGKILL || signal == SIGTERM) {
        forbid_restart(context, id);
        context.store.set_stopped_by_user(id, true);
    }
    // Said first, since what the signal does is said by another process.
    announce_container(context,
                       EventAction::signalled,
                       id,
                       name_of_container(context, id),
                       {{"signal", std::to_string(signal)}});
    // One that has just ended needs no signal any more.
    static_cast<void>(context.host.signal_process(*jail, *pid, signal));
}

ExitStatus wait(Context& context, const std::string& id) {
    auto ledger = Ledger::peek(context.run.ledger_file(id));
    if (ledger) {
        ledger->wait_for_unlock();
        ledger->reload();
        recover_container(context, id);
    }
    // A kept container's status is in the database, an ephemeral one's only in its last note.
    if (const auto record = context.store.find_container_by_id(id); record && record->exit) {
        return *record->exit;
    }
    if (ledger && noted_exit(*ledger)) {
        return *noted_exit(*ledger);
    }
    throw Error{ErrorCode::conflict, fmt::format("container '{}' has no exit status", id)}
        .with_hint(ledger ? "the process that ran it was killed" : "it has not run yet");
}

}  // namespace brig
