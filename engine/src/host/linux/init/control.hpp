// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/linux/init/build_jail.hpp"
#include "host/linux/init/mount_requests.hpp"
#include "host/linux/message.hpp"

#include <poll.h>
#include <sys/types.h>

/// What the jail's init does for the rest of its life: it starts commands for the engine, reports
/// their ends, reaps orphans, and ends everything when its owner is gone.
namespace brig::host_linux {

/// One engine process that is connected, and at most one command it asked for.
struct Connection {
    int fd = -1;
    pid_t child = 0;  ///< dies with the connection; 0: none
    char* data = nullptr;
    std::size_t size = 0;  ///< received so far
    std::size_t capacity = 0;
    ReceivedFds fds;
};

class Control {
  public:
    Control(int owner, int listener, const JailPlan& plan, const JailParts& parts) noexcept
        : owner_{owner},
          listener_{listener},
          plan_{plan},
          parts_{parts},
          mount_requests_{plan, parts.processes},
          record_{plan.record} {}

    /// Returns when the owner is gone.
    void run() noexcept;

  private:
    bool reserve_polls() noexcept;
    [[nodiscard]] bool wait() noexcept;
    void reap() noexcept;
    void report_exit(pid_t child, int status) noexcept;
    void accept_one() noexcept;
    Connection* new_connection(int fd) noexcept;
    static void close(Connection& connection) noexcept;

    void serve(Connection& connection) noexcept;
    static bool receive(Connection& connection) noexcept;
    bool handle_frames(Connection& connection) noexcept;
    bool handle(Connection& connection, const FrameHeader& header, const char* payload) noexcept;

    bool spawn(Connection& connection, FrameReader& reader) noexcept;
    [[nodiscard]] static bool signal_all(const Connection& connection, int number) noexcept;
    [[nodiscard]] bool open_terminal(const Connection& connection) const noexcept;
    [[nodiscard]] bool update(const Connection& connection, FrameReader& reader) noexcept;

    int owner_;
    int listener_;
    const JailPlan& plan_;
    const JailParts& parts_;
    MountRequests mount_requests_;
    std::string_view record_;        ///< the plan's, or the last update's
    char* record_memory_ = nullptr;  ///< of an update's
    Connection* connections_ = nullptr;
    std::size_t count_ = 0;
    std::size_t capacity_ = 0;
    pollfd* polls_ = nullptr;
};

/// Kills every other process of the jail and waits until they are gone.
void end_all_processes() noexcept;

/// Starts the command that a spawn frame describes; what goes wrong is written to its report
/// pipe. `fds` are those of the frame. @return its pid, or -1.
pid_t start_command(FrameReader& reader,
                    const ReceivedFds& fds,
                    const JailPlan& plan,
                    int null) noexcept;

/// Sets the names that an update frame asks for, all or none. @return an errno, or 0.
int set_names(FrameReader& reader) noexcept;

/// Tells `socket` that `child` has been started; the kernel translates its pid for the receiver.
bool send_started(int socket, pid_t child) noexcept;

}  // namespace brig::host_linux
