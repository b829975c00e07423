// SPDX-License-Identifier: BSD-2-Clause
#include "exec.hpp"

#include "hooks.hpp"
#include "process/environment.hpp"
#include "run/notes.hpp"
#include "support/check.hpp"

namespace brig {

namespace {

void check_spec(const ExecSpec& spec) {
    Findings findings;
    if (spec.command.empty() || spec.command.front().empty()) {
        findings.add({"", "no command", "give one after the container"});
    }
    for (const std::string& variable : spec.environment) {
        check_variable(variable, findings);
    }
    findings.throw_if_any();
}

}  // namespace

Command exec(Context& context, const std::string& id, const ExecSpec& spec, const SessionIo& io) {
    check_spec(spec);
    const auto ledger = Ledger::peek(context.run.ledger_file(id));
    const std::optional<Jail> jail = context.host.find_jail(id, context.run.folder(id));
    if (!ledger || !jail || !noted_pid(*ledger)) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' does not run", id)}.with_hint(
            fmt::format("start it with: brig start {}", id));
    }
    const ContainerInfo info = container_info(id, *ledger, context.catalogue);
    ProcessRequest request = jailed_process(
        context, *jail, info.params, spec.user.value_or(""), spec.workdir.value_or(""));
    request.argv = spec.command;
    add_variables(request.environment, noted_environment(*ledger));
    return spawn_at(context,
                    std::move(request),
                    {*jail, io, spec.environment, spec.interactive, spec.terminal});
}

}  // namespace brig
