// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

/// The way from a new process to a command: what happens between clone(2) and execve(2). Only
/// async-signal-safe calls. Shared by the engine (hooks) and brig-init (commands in a jail).
namespace brig::host_linux {

enum class CommandStep : std::int32_t {
    none,
    fork,
    stdio,
    session,
    terminal,
    groups,
    group,
    user,
    capabilities,
    workdir,
    execute,
};

/// Why a command was not executed.
struct CommandFailure {
    CommandStep step = CommandStep::none;
    std::int32_t error = 0;
};

/// Leaves the capabilities of a process as execve(2) makes them.
inline constexpr std::uint64_t kAllCapabilities = ~std::uint64_t{0};

struct Command {
    const char* const* argv = nullptr;  ///< ends with nullptr, as for execve(2)
    const char* const* envp = nullptr;
    const char* workdir = "/";
    uid_t uid = 0;
    gid_t gid = 0;
    const gid_t* groups = nullptr;
    std::size_t group_count = 0;
    int stdio[3] = {-1, -1, -1};
    bool controlling_terminal = false;
    std::uint64_t capabilities = kAllCapabilities;  ///< what a process of uid 0 keeps
};

/// Turns the calling process into `command`; returns only when that failed.
[[nodiscard]] CommandFailure become(const Command& command) noexcept;

/// Sets permitted and effective capabilities to those of `mask` and inheritable to none.
/// @return 0, or -1 with errno.
int limit_capabilities(std::uint64_t mask) noexcept;

}  // namespace brig::host_linux
