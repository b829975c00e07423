// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// The exec.* commands of one container: when they run, as whom, with which environment. See
/// jail(8), "exec.prepare" and following.
///
/// Those on the host (prepare, prestart, created, poststart, prestop, poststop, release) run as
/// exec.system_user with JID (once there is one), JNAME and JPATH; those inside (start, stop) as
/// exec.jail_user. Each must exit 0 within exec.timeout; then its process group is killed.
class Hooks {
  public:
    Hooks(Context& context, std::string name, const ParamList& params, SessionIo io)
        : context_{context}, name_{std::move(name)}, params_{params}, io_{std::move(io)} {}

    void set_root(std::string root) { root_ = std::move(root); }
    void set_jail(Jail jail) { jail_ = std::move(jail); }

    /// Runs the commands of `param` in order; the first that fails ends it.
    /// @throws Error that names the parameter, the command and how it ended.
    void run(std::string_view param) const;

    /// Writes down in `ledger` that `param` is to run when everything recorded later is undone: the
    /// way exec.poststop and exec.release come to run whatever happens. Nothing if it is not set.
    void record(Ledger& ledger, const std::string& param) const;

    /// Runs what `record` wrote down. The effect leaves the ledger first: a hook runs at most once.
    static void run_recorded(Context& context, Ledger& ledger, const Effect& effect);

  private:
    void run_command(std::string_view param, const std::string& command) const;
    void wait_for(Process& process, const std::string& command) const;
    [[nodiscard]] std::unique_ptr<Process> spawn(const ProcessRequest& request, bool inside) const;
    [[nodiscard]] ProcessRequest on_host(std::vector<std::string> argv) const;

    Context& context_;
    std::string name_;
    const ParamList& params_;
    SessionIo io_;
    std::string root_;
    std::optional<Jail> jail_;
};

/// Where exec.start, exec.stop and the command write to by exec.consolelog; empty when it is not
/// set. Opened anew for each, as jail(8) does, so that it may be rotated.
/// @throws Error that names it, when it cannot be opened safely.
[[nodiscard]] UniqueFd open_console_log(const ParamList& params, const std::filesystem::path& root);

/// What every process in `jail`, a container of these parameters, gets: exec.jail_user (or
/// exec.system_jail_user's database) with its login class, exec.clean, exec.fib. `user` overrides
/// exec.jail_user when it is not empty. argv and stdio are the caller's to fill in. Without a
/// `workdir` it is "/", or with exec.clean the user's home where that exists; where it does not,
/// there is a warning.
[[nodiscard]] ProcessRequest jailed_process(Context& context,
                                            const Jail& jail,
                                            const ParamList& params,
                                            const std::string& user,
                                            const std::string& workdir = {});

}  // namespace brig
