// SPDX-License-Identifier: BSD-2-Clause
#include "start.hpp"

#include "depend.hpp"
#include "events/announce.hpp"
#include "hooks.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

#include <csignal>
#include <exception>

namespace brig {

namespace {

/// Ends the command when what follows its start fails. It is this program's child: unless it is
/// waited for, what is left of it keeps FreeBSD's jail, and with that the container's root, in use.
class EndOnFailure {
  public:
    explicit EndOnFailure(Process& process) : process_{process} {}
    EndOnFailure(const EndOnFailure&) = delete;
    EndOnFailure& operator=(const EndOnFailure&) = delete;
    EndOnFailure(EndOnFailure&&) = delete;
    EndOnFailure& operator=(EndOnFailure&&) = delete;

    ~EndOnFailure() {
        if (std::uncaught_exceptions() == before_) {
            return;
        }
        try {
            process_.signal(SIGKILL);
            process_.wait();
        } catch (const std::exception&) {
            // The jail's end is its end as well.
            return;
        }
    }

  private:
    Process& process_;
    int before_ = std::uncaught_exceptions();
};

// The whole life of `start` is this one function. Each verb has a file of its own in start/; read
// them in this order. Everything that can be refused has been refused by resolve_launch(). Every
// effect on the host is written down before it is made.
Run start_with(Context& context, const Launch& launch, const SessionIo& io, Ledger& ledger) {
    const ActiveVolume volume = provision_storage(context, launch, ledger);
    const std::filesystem::path& root = volume.root;
    const Attachments attachments = contribute_networks(context, launch, root, ledger);

    // Defaults, drivers, the image, the configuration and the user all had a say.
    const ParamList params = merge_final(context, launch, volume, attachments);
    Hooks hooks{context, launch.id, params, io};
    hooks.set_root(root);

    hooks.record(ledger, "exec.release");
    hooks.run("exec.prepare");
    add_addresses(context, params, ledger);
    const std::vector<Mount> mounts = use_volumes(context, launch, params, root, ledger);
    mount_file_systems(context, mounts, root, ledger);
    hooks.record(ledger, "exec.poststop");
    hooks.run("exec.prestart");

    const Jail jail = create_jail(context, launch, {params, mounts, root}, ledger);
    hooks.set_jail(jail);
    hooks.run("exec.created");
    lend_to_jail(context, params, jail, ledger);
    attach_networks(context, launch, attachments, jail, ledger);
    write_names(context, launch, params, root, ledger);
    hooks.run("exec.start");

    Command command = spawn_command(context, launch, params, jail, io);
    const EndOnFailure end_on_failure{*command.process};
    publish(launch, params, jail, *command.process, ledger);
    hooks.run("exec.poststart");
    publish_ready(params, ledger);
    announce_start(context, launch);

    return {launch.id,
            launch.spec.ephemeral,
            params,
            std::move(ledger),
            jail,
            std::move(command.process),
            std::move(command.terminal),
            io};
}

}  // namespace

Run start(Context& context, const Launch& launch, const SessionIo& io) {
    context.host.require_privilege();
    require_dependencies(context, launch);
    Ledger ledger = open_ledger(context, launch);
    TearDownUnlessKept undo{context, launch.id, ledger};
    Run run = start_with(context, launch, io, ledger);
    undo.keep();
    return run;
}

Run start_again(Context& context, const Launch& launch, const SessionIo& io, Ledger& ledger) {
    require_dependencies(context, launch);
    note_container(context, launch, ledger);
    return start_with(context, launch, io, ledger);
}

}  // namespace brig
