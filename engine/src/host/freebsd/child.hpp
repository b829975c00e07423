// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace brig::freebsd {

/// What a child does between fork(2) and execve(2), in order. The one that fails is reported.
enum class ChildStep : int {
    descriptors,
    session,
    terminal,
    fib,
    login_class,
    priority,
    limits,
    groups,
    group,
    login_name,
    attach,
    user,
    workdir,
    execute,
};

/// What the child writes to its parent when it cannot become the command.
struct ChildFailure {
    ChildStep step = ChildStep::execute;
    int error_number = 0;
};

/// All that the child needs, made before the fork: it may not allocate.
struct ChildPlan {
    std::vector<std::string> programs;  ///< the paths to try for argv[0], in order
    std::vector<char*> argv;            ///< ends with a null pointer, as does `environment`
    std::vector<char*> environment;
    std::string workdir;
    std::string login_name;
    std::vector<gid_t> groups;  ///< the first is the primary group
    uid_t uid = 0;
    std::array<int, 3> stdio{};  ///< all above kReportFd, as is `report`
    int report = -1;             ///< a pipe for a ChildFailure; closed by a successful execve
    bool controlling_terminal = false;
    std::optional<int> jail;
    std::optional<int> fib;
    std::optional<LoginClass> login_class;
};

/// Where the child keeps its end of the report while it closes everything else.
constexpr int kReportFd = 3;

/// Nobody in a jail may look into what is still a copy of brig; execve(2) allows it again. Not
/// where somebody outside traces it already, as truss(1) does. -1 and errno if that fails;
/// async-signal-safe.
[[nodiscard]] int forbid_tracing() noexcept;

/// Becomes the command, or reports why it cannot and exits. Calls nothing but async-signal-safe
/// functions. All signals are blocked when it is called.
[[noreturn]] void run_child(const ChildPlan& plan) noexcept;

}  // namespace brig::freebsd
