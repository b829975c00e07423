// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"
#include "brig/param.hpp"
#include "brig/spec.hpp"

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace BRIG_API brig {

/// The kernel's number of a jail. On Linux, where there is none, the pid of the jail's init.
enum class JailId : int {
};

/// How a process ended.
struct ExitStatus {
    int code = 0;    ///< as passed to exit(2); meaningless if `signal`
    int signal = 0;  ///< that ended it, or 0

    /// As a shell reports it: the code, or 128 + signal.
    [[nodiscard]] int shell_status() const noexcept { return signal != 0 ? 128 + signal : code; }

    friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

enum class ContainerState {
    created,  ///< never started, or its record is all there is
    running,
    restarting,       ///< ended, and waits to be started again as its restart policy says
    stopped,          ///< ran and ended; see ContainerInfo::exit
    needs_attention,  ///< something could not be undone; `brig recover` says what
};

[[nodiscard]] std::string_view to_string(ContainerState state) noexcept;

/// A container's place on a network, while it runs. What it does not have is empty.
struct AttachmentInfo {
    std::string network;
    std::string ip4, ip6;
    std::string mac;
    std::string interface;  ///< as it is called inside
    std::string gateway4, gateway6;
    std::vector<std::string> published;  ///< ports of the host that lead to it
};

/// What is known of one container. A copy: it does not change when the container does.
struct ContainerInfo {
    std::string id;     ///< 12 lower-case hexadecimal digits, never all decimal
    std::string name;   ///< the user's; the id where none was given
    std::string image;  ///< empty: it has a root of its own
    std::vector<std::string> networks;
    std::vector<AttachmentInfo> attachments;  ///< while running
    std::vector<std::string> command;
    ContainerState state = ContainerState::created;
    bool ephemeral = false;          ///< `--rm`: goes when it ends
    std::optional<JailId> jail;      ///< while running
    std::optional<int> pid;          ///< of its command as the host sees it, while running
    std::string root;                ///< while running; always where it is the container's own
    std::optional<ExitStatus> exit;  ///< of the last run
    std::chrono::system_clock::time_point created;
    std::optional<std::chrono::system_clock::time_point> started;
    std::optional<std::chrono::system_clock::time_point> finished;
    ParamList params;  ///< while running
    RestartPolicy restart;
    unsigned restarts = 0;         ///< how often its supervisor has started it again
    bool stopped_by_user = false;  ///< by `stop` or `kill`, and not started since
};

/// True when it runs, or waits to be started again.
[[nodiscard]] bool is_up(const ContainerInfo& container) noexcept;

/// True when its restart policy asks for it to be started as the machine starts.
[[nodiscard]] bool starts_at_boot(const ContainerInfo& container) noexcept;

}  // namespace brig
