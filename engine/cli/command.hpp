// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace brig::cli {

/// The stable exit statuses, besides those of a container's command.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;         ///< the operation failed
inline constexpr int kUsage = 2;          ///< the command line is wrong
inline constexpr int kConfiguration = 3;  ///< a file, a parameter or a name is wrong
inline constexpr int kNotFound = 4;       ///< no such container, image, network, …
inline constexpr int kNotStarted = 125;   ///< run, exec: failed before the command ran
inline constexpr int kNotExecutable = 126;
inline constexpr int kCommandNotFound = 127;

/// The command line is wrong; `what()` says how. Exit status 2.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What comes before the command's name.
struct GlobalOptions {
    std::vector<std::string> command_line;  ///< all of it, with the program's name
    SettingsOverrides settings;
    std::string log_level = "warn";
    bool json = false;
};

/// One call of one command: its arguments, and what it works with.
class Invocation {
  public:
    Invocation(GlobalOptions globals, std::vector<std::string> arguments)
        : globals_{std::move(globals)}, arguments_{std::move(arguments)} {}

    [[nodiscard]] const std::vector<std::string>& arguments() const noexcept { return arguments_; }

    /// --json, given before or after the command's name.
    [[nodiscard]] bool json() const noexcept { return globals_.json; }
    void set_json() noexcept { globals_.json = true; }

    [[nodiscard]] Settings settings() const;

    /// The same in a program that loads drivers: where this one does not, that takes its place.
    [[nodiscard]] Settings loading_settings() const;

    /// The engine, configured when it is first asked for.
    [[nodiscard]] Engine& engine();

  private:
    GlobalOptions globals_;
    std::vector<std::string> arguments_;
    std::optional<Engine> engine_;
};

/// A command of brig: `brig NAME …`.
struct CommandInfo {
    const char* name = nullptr;
    const char* summary = nullptr;
    int (*run)(Invocation&) = nullptr;
    bool runs_a_process = false;  ///< failures before the process ran are 125
};

/// All commands in the order in which help lists them.
[[nodiscard]] const std::vector<CommandInfo>& commands();

inline constexpr const char* kUsageLine =
    "[--config FILE] [--state DIR] [--run DIR] [--log-level LEVEL] COMMAND …";

void print_commands();

// In files named for them; restart with stop, network and storage in instances.cpp.
int run(Invocation& call);
int create(Invocation& call);
int start(Invocation& call);
int stop(Invocation& call);
int restart(Invocation& call);
int remove(Invocation& call);
int kill(Invocation& call);
int wait(Invocation& call);
int exec(Invocation& call);
int ps(Invocation& call);
int inspect(Invocation& call);
int logs(Invocation& call);
int events(Invocation& call);
int rename(Invocation& call);
int update(Invocation& call);
int plan(Invocation& call);
int up(Invocation& call);
int down(Invocation& call);
int config(Invocation& call);
int recover(Invocation& call);
int import_jails(Invocation& call);
int export_container(Invocation& call);
int snapshot(Invocation& call);
int rollback(Invocation& call);
int diff(Invocation& call);
int volume(Invocation& call);
int image(Invocation& call);
int params(Invocation& call);
int driver(Invocation& call);
int network(Invocation& call);
int storage(Invocation& call);
int version(Invocation& call);
int help(Invocation& call);

}  // namespace brig::cli
