// SPDX-License-Identifier: BSD-2-Clause
#include "hooks.hpp"
#include "process/environment.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"

#include <sys/ioctl.h>
#include <termios.h>

namespace brig {

namespace {

/// Before the command can look: one that finds 0 by 0 may keep to that.
void copy_size(int from, int to) {
    struct winsize size {};
    if (from >= 0 && ::ioctl(from, TIOCGWINSZ, &size) == 0) {
        check(::ioctl(to, TIOCSWINSZ, &size), "set the size of the terminal");
    }
}

}  // namespace

Command spawn_at(Context& context, ProcessRequest request, const CommandPlace& place) {
    Command command;
    add_variables(request.environment, place.environment);
    if (place.terminal) {
        Terminal terminal = context.host.open_terminal(place.jail);
        copy_size(place.io.in, terminal.master.get());
        const int slave = terminal.slave.get();
        request.stdio = {slave, slave, slave, true};
        command.process = context.host.spawn(place.jail, request);
        command.terminal = std::move(terminal.master);
        return command;
    }
    request.stdio = {place.interactive ? place.io.in : -1, place.io.out, place.io.err};
    command.process = context.host.spawn(place.jail, request);
    return command;
}

Command spawn_command(Context& context,
                      const Launch& launch,
                      const ParamList& params,
                      const Jail& jail,
                      const SessionIo& io) {
    return in_context("starting the command", [&] {
        const std::string workdir = launch.spec.workdir.value_or(launch.image.defaults.workdir);
        ProcessRequest request = jailed_process(context, jail, params, "", workdir);
        request.argv = launch.command;
        add_variables(request.environment, launch.image.defaults.environment);
        // With a terminal the command has that to write to.
        const UniqueFd log =
            launch.spec.terminal ? UniqueFd{} : open_console_log(params, jail.root);
        SessionIo output = io;
        if (log) {
            output.out = output.err = log.get();
        }
        return spawn_at(
            context,
            std::move(request),
            {jail, output, launch.spec.environment, launch.spec.interactive, launch.spec.terminal});
    });
}

}  // namespace brig
