// SPDX-License-Identifier: BSD-2-Clause
#include "hooks.hpp"

#include "param_values.hpp"
#include "params/merge.hpp"
#include "process/environment.hpp"
#include "process/user.hpp"
#include "process/wait.hpp"
#include "support/append_file.hpp"
#include "support/check.hpp"
#include "support/file_status.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <fcntl.h>

#include <array>
#include <csignal>

namespace brig {

namespace {

constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::seconds kTimeToEnd{2};  // of a hook that is interrupted

bool is_inside(std::string_view param) {
    return param == "exec.start" || param == "exec.stop";
}

/// The parameters that a hook on the host depends on.
constexpr std::array<const char*, 3> kOnHost{"exec.clean", "exec.system_user", "exec.timeout"};

/// Whether somebody chose the value; brig's default of exec.jail_user is a stand-in.
bool is_chosen(const ParamList& params, std::string_view name) {
    const Param* param = find_param(params, name);
    return param != nullptr && param->origin.kind != Origin::Kind::engine_default;
}

/// The environment that run_command() of jail(8) makes of exec.clean and the user; `jail` is where
/// the command will run.
void set_environment(
    Host& host, ProcessRequest& request, const Jail* jail, bool clean, bool user_is_chosen) {
    request.environment = clean ? clean_environment() : own_environment();
    if (clean || user_is_chosen) {
        request.login_class = host.login_class(jail, request.credentials);
        if (request.login_class) {
            add_variables(request.environment, request.login_class->environment);
        }
        add_variables(request.environment, user_variables(request.credentials));
    }
}

void end_group(Process& process) {
    process.signal_group(SIGTERM);
    if (!wait_for_exit(process, kTimeToEnd)) {
        process.signal_group(SIGKILL);
    }
    process.wait();
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
        request = jailed_process(context_, jail_.value(), params_, "");
        request.argv = parsed.argv;
    } else {
        request = on_host(parsed.argv);
    }
    request.stdio = {io_.in, io_.out, io_.err};
    const UniqueFd log = is_inside(param) ? open_console_log(params_, root_) : UniqueFd{};
    if (log) {
        request.stdio.out = request.stdio.err = log.get();
    }
    const std::unique_ptr<Process> process = spawn(request, is_inside(param));
    if (parsed.background) {
        return;
    }
    wait_for(*process, command);
    const ExitStatus status = process->wait();
    if (status.shell_status() != 0) {
        throw Error{ErrorCode::system, fmt::format("'{}' {}", command, how_it_ended(status))};
    }
}

void Hooks::wait_for(Process& process, const std::string& command) const {
    using Clock = std::chrono::steady_clock;
    const auto limit = param_seconds(params_, "exec.timeout", std::chrono::seconds{0});
    const Clock::time_point begin = Clock::now();
    while (!wait_for_exit(process, kLook)) {
        if (io_.cancelled && io_.cancelled()) {
            end_group(process);
            throw Error{ErrorCode::interrupted, fmt::format("'{}' was interrupted", command)};
        }
        if (limit.count() > 0 && Clock::now() - begin >= limit) {
            process.signal_group(SIGKILL);
            process.wait();
            throw Error{
                ErrorCode::system,
                fmt::format("'{}' did not end within {} s (exec.timeout)", command, limit.count())};
        }
    }
}

std::unique_ptr<Process> Hooks::spawn(const ProcessRequest& request, bool inside) const {
    try {
        return inside ? context_.host.spawn(jail_.value(), request)
                      : context_.host.spawn_on_host(request);
    } catch (const Error& failure) {
        if (failure.code() != ErrorCode::command_not_found
            && failure.code() != ErrorCode::command_not_executable) {
            throw;
        }
        // These two are said of the container's own command only: exit statuses 126 and 127.
        throw Error{ErrorCode::system, failure.what(), failure.cause()};
    }
}

ProcessRequest Hooks::on_host(std::vector<std::string> argv) const {
    ProcessRequest request;
    request.argv = std::move(argv);
    const std::string user = param_value(params_, "exec.system_user", "");
    const bool clean = is_set(params_, "exec.clean");
    if (clean || !user.empty()) {
        request.credentials = resolve_user(context_.host,
                                           "/",
                                           user.empty() ? std::to_string(effective_user()) : user,
                                           UserDatabase::host);
    }
    set_environment(context_.host, request, nullptr, clean, !user.empty());
    add_variables(request.environment,
                  hook_variables(name_, root_, jail_ ? std::optional{jail_->id} : std::nullopt));
    std::error_code none;
    if (clean && std::filesystem::is_directory(request.credentials.home, none)) {
        request.workdir = request.credentials.home;
    }
    return request;
}

void Hooks::record(Ledger& ledger, const std::string& param) const {
    const std::vector<std::string> commands = param_list(params_, param);
    if (commands.empty()) {
        return;
    }
    Facts facts{{"param", param}, {"name", name_}, {"root", root_}};
    for (const char* name : kOnHost) {
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
    for (const char* name : kOnHost) {
        if (const auto fact = effect.facts.find(name); fact != effect.facts.end()) {
            params.push_back({name, ParamType::string, ParamPerformer::engine, {fact->second}, {}});
        }
    }
    const int output = context.settings.hook_output;
    Hooks hooks{context, effect.facts.at("name"), params, {-1, output, output}};
    hooks.set_root(effect.facts.at("root"));
    hooks.run(param);
}

UniqueFd open_console_log(const ParamList& params, const std::filesystem::path& root) {
    const std::string file = param_value(params, "exec.consolelog", "");
    if (file.empty()) {
        return UniqueFd{};
    }
    return in_context("exec.consolelog", [&] { return open_append_file(file, root); });
}

namespace {

bool has_home(Host& host, const std::filesystem::path& root, const Credentials& user) {
    return static_cast<bool>(host.open_inside(root, user.home, O_RDONLY | O_DIRECTORY));
}

}  // namespace

ProcessRequest jailed_process(Context& context,
                              const Jail& jail,
                              const ParamList& params,
                              const std::string& user,
                              const std::string& workdir) {
    ProcessRequest request;
    request.credentials = resolve_user(
        context.host,
        jail.root,
        user.empty() ? param_value(params, "exec.jail_user", "root") : user,
        is_set(params, "exec.system_jail_user") ? UserDatabase::host : UserDatabase::container);
    const bool clean = is_set(params, "exec.clean");
    set_environment(
        context.host, request, &jail, clean, !user.empty() || is_chosen(params, "exec.jail_user"));
    if (!workdir.empty()) {
        request.workdir = workdir;
    } else if (clean && !has_home(context.host, jail.root, request.credentials)) {
        // jail(8) fails here; brig goes on, since an image of one static binary has no homes.
        context.log.warn("home '{}' of user '{}' does not exist in the container; starting in '/'",
                         request.credentials.home,
                         request.credentials.user);
    } else if (clean) {
        request.workdir = request.credentials.home;
    }
    if (const std::string fib = param_value(params, "exec.fib", ""); !fib.empty()) {
        request.fib = std::stoi(fib);
    }
    return request;
}

}  // namespace brig
