// SPDX-License-Identifier: BSD-2-Clause
#include "command.hpp"
#include "embedded_drivers.hpp"
#include "foreground.hpp"
#include "loading_program.hpp"
#include "logging.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <system_error>

namespace brig::cli {

Settings Invocation::settings() const {
    Settings settings = load_settings(globals_.settings);
    settings.embedded_drivers = embedded_drivers();
    return settings;
}

Settings Invocation::loading_settings() const {
    Settings loaded = settings();
    become_loading_program(loaded, globals_);
    return loaded;
}

Engine& Invocation::engine() {
    if (!engine_) {
        Settings loaded = settings();
        if (needs_loading_program(loaded)) {
            become_loading_program(loaded, globals_);
        }
        loaded.hook_output = STDERR_FILENO;
        engine_.emplace(std::move(loaded), make_log_sink(globals_.log_level));
    }
    return *engine_;
}

namespace {

/// Descriptors 0, 1 and 2 are always something, so that nothing we open takes their place.
void open_standard_descriptors() {
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR);  // NOLINT(android-cloexec-open): 0, 1 and 2 are inherited
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        ::close(fd);
    }
}

GlobalOptions read_globals(const Options& options, const std::vector<std::string>& command_line) {
    GlobalOptions globals;
    globals.command_line = command_line;
    if (const auto file = options.find<std::string>("config")) {
        globals.settings.config = *file;
    }
    if (const auto folder = options.find<std::string>("state")) {
        globals.settings.state = *folder;
    }
    if (const auto folder = options.find<std::string>("run")) {
        globals.settings.run = *folder;
    }
    globals.log_level = options.get<std::string>("log-level", "warn");
    globals.json = options.has("json");
    require_log_level(globals.log_level);
    return globals;
}

const CommandInfo& find_command(const std::string& name) {
    const auto& all = commands();
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const CommandInfo& command) { return command.name == name; });
    if (found == all.end()) {
        throw UsageError{"there is no command '" + name + "'; see: brig help"};
    }
    return *found;
}

int status_of(const Error& error, const CommandInfo* command) {
    switch (error.code()) {
        case ErrorCode::command_not_executable:
            return kNotExecutable;
        case ErrorCode::command_not_found:
            return kCommandNotFound;
        default:
            break;
    }
    if (command != nullptr && command->runs_a_process) {
        constexpr int kSignalled = 128;  // as of a command that the signal had ended
        const int signal = SignalCatcher::interruption();
        return error.code() == ErrorCode::interrupted && signal != 0 ? kSignalled + signal
                                                                     : kNotStarted;
    }
    switch (error.code()) {
        case ErrorCode::invalid_config:
            return kConfiguration;
        case ErrorCode::not_found:
            return kNotFound;
        default:
            return kFailed;
    }
}

/// A report that nobody could read was not made.
int say_output_is_lost() {
    const std::error_code reason{errno, std::generic_category()};
    print_error(
        Error{ErrorCode::system, "write to standard output: " + reason.message(), reason}.with_hint(
            "what was asked for is done; only its report is lost"));
    return kFailed;
}

/// Without the command's own name, which a caller may leave out (CVE-2021-4034).
std::vector<std::string> arguments_of(const std::vector<std::string>& command_line) {
    return {command_line.begin() + (command_line.empty() ? 0 : 1), command_line.end()};
}

int dispatch(const std::vector<std::string>& command_line, const CommandInfo*& command) {
    Invocation none{{}, {}};
    Options options{kUsageLine};
    options.add()("config", po::value<std::string>(), "configuration file");
    options.add()("state", po::value<std::string>(), "directory of what is kept");
    options.add()("run", po::value<std::string>(), "directory of what is lost at a reboot");
    options.add()("log-level", po::value<std::string>(), "trace, debug, info or warn");
    options.add()("version", "the version of brig");
    if (!options.parse(none, arguments_of(command_line))) {
        print_commands();
        return kDone;
    }
    if (options.has("version")) {
        return version(none);
    }
    if (options.operands().empty()) {
        help(none);
        return kUsage;
    }
    const CommandInfo& found = find_command(options.operands().front());
    Invocation call{read_globals(options, command_line),
                    {options.operands().begin() + 1, options.operands().end()}};
    // From here on, what fails under `run` and `exec` failed before their command ran.
    command = &found;
    return found.run(call);
}

int guarded_main(const std::vector<std::string>& command_line) {
    const CommandInfo* command = nullptr;
    try {
        const int status = dispatch(command_line, command);
        return std::cout.flush() || status != kDone ? status : say_output_is_lost();
    } catch (const UsageError& error) {
        complain(std::string{"brig: "} + error.what());
        return kUsage;
    } catch (const Error& error) {
        print_error(error);
        return status_of(error, command);
    } catch (const std::exception& error) {
        complain(std::string{"brig: "} + error.what());
        return kFailed;
    }
}

}  // namespace

}  // namespace brig::cli

int main(int argc, char** argv) {
    brig::cli::open_standard_descriptors();
    // A reader that went away must not end us in the middle of a tear-down.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    return brig::cli::guarded_main({argv, argv + argc});
}
