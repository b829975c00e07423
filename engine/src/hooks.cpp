// SPDX-License-Identifier: BSD-2-Clause
#include "hooks.hpp"

#include "param_values.hpp"
#include "params/merge.hpp"
#include "process/environment.hpp"
#include "process/user.hpp"
#include "process/wait.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <fcntl.h>

#include <csignal>

namespace brig {

namespace {

bool is_inside(std::string_view param) {
    return param == "exec.start" || param == "exec.stop";
}

std::string how_it_ended(const ExitStatus& status) {
    return status.signal != 0 ? fmt::format("was ended by signal {}", status.signal)
                              : fmt::format("exited with status {}", status.code);
}

}  // namespace

void Hooks::run(std::string_view param) const {
    for (const std::string& command : param_list(params_, param)) {
        in_context(param, [&] { run_command(param, command); });
    }
}

void Hooks::run_command(std::string_view param, const std::string& command) const {
    const HookCommand parsed = parse_hook(command);
    if (parsed.argv.empty()) {
        return;
    }
    context_.log.info("{}: {}", param, command);
    ProcessRequest request;
    if (is_inside(param)) {
        request = jailed_process(context_, root_, params_, "");
        request.argv = parsed.argv;
    } else {
        request = on_host(parsed.argv);
    }
    request.stdio = {io_.in, io_.out, io_.err};
    const std::unique_ptr<Process> process = is_inside(param) && jail_
                                                 ? context_.host.spawn(*jail_, request)
                                                 : context_.host.spawn_on_host(request);
    if (parsed.background) {
        return;
    }
    const auto timeout = param_seconds(params_, "exec.timeout", std::chrono::seconds{0});
    if (timeout.count() > 0 && !wait_for_exit(*process, timeout)) {
        process->signal(SIGKILL);
        process->wait();
        throw Error{
            ErrorCode::system,
            fmt::format("'{}' did not end within {} s (exec.timeout)", command, timeout.count())};
    }
    const ExitStatus status = process->wait();
    if (status.shell_status() != 0) {
        throw Error{ErrorCode::system, fmt::format("'{}' {}", command, how_it_ended(status))};
    }
}

ProcessRequest Hooks::on_host(std::vector<std::string> argv) const {
    ProcessRequest request;
    request.argv = std::move(argv);
    const std::string user = param_value(params_, "exec.system_user", "");
    if (!user.empty()) {
        request.credentials = resolve_user(context_.host, "/", user, UserDatabase::host);
    }
    request.environment =
        hook_environment(name_, root_, jail_ ? std::optional{jail_->id} : std::nullopt);
    return request;
}

void Hooks::record(Ledger& ledger, const std::string& param) const {
    const std::vector<std::string> commands = param_list(params_, param);
    if (commands.empty()) {
        return;
    }
    Facts facts{{"param", param}, {"name", name_}, {"root", root_}};
    for (const char* name : {"exec.system_user", "exec.timeout"}) {
        if (const Param* value = find_param(params_, name); value != nullptr) {
            facts[name] = join(value->values, "");
        }
    }
    facts["commands"] = join(commands, std::string_view{"\0", 1});
    ledger.record(effect::kHook, param, std::move(facts));
}

void Hooks::run_recorded(Context& context, Ledger& ledger, const Effect& effect) {
    ledger.forget(effect.number);
    const std::string& param = effect.facts.at("param");
    ParamList params{{param,
                      ParamType::string_list,
                      ParamPerformer::engine,
                      split(effect.facts.at("commands"), '\0'),
                      {}}};
    for (const char* name : {"exec.system_user", "exec.timeout"}) {
        if (const auto fact = effect.facts.find(name); fact != effect.facts.end()) {
            params.push_back({name, ParamType::string, ParamPerformer::engine, {fact->second}, {}});
        }
    }
    const int output = context.settings.hook_output;
    Hooks hooks{context, effect.facts.at("name"), params, {-1, output, output}};
    hooks.set_root(effect.facts.at("root"));
    hooks.run(param);
}

ProcessRequest jailed_process(Context& context,
                              const std::filesystem::path& root,
                              const ParamList& params,
                              const std::string& user) {
    const std::string system_user = is_set(params, "exec.system_jail_user") ? "host" : "";
    ProcessRequest request;
    request.credentials =
        resolve_user(context.host,
                     root,
                     user.empty() ? param_value(params, "exec.jail_user", "root") : user,
                     system_user.empty() ? UserDatabase::container : UserDatabase::host);
    const bool clean = is_set(params, "exec.clean");
    request.environment = base_environment(request.credentials, clean);
    request.login_environment = clean;
    request.workdir = request.credentials.home;
    if (!context.host.open_inside(root, request.workdir, O_RDONLY | O_DIRECTORY)) {
        // jail(8) fails here; brig goes on, since an image of one static binary has no homes.
        context.log.warn("home '{}' of user '{}' does not exist in the container; starting in '/'",
                         request.workdir,
                         request.credentials.user);
        request.workdir = "/";
    }
    if (const std::string fib = param_value(params, "exec.fib", ""); !fib.empty()) {
        request.fib = std::stoi(fib);
    }
    return request;
}

}  // namespace brig
