// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/command.hpp"
#include "host/linux/frame_writer.hpp"
#include "host/linux/host_linux.hpp"
#include "host/linux/vfork.hpp"
#include "support/check.hpp"
#include "support/pipe.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace brig::host_linux {

namespace {

/// A command in a jail: a child of the jail's init, behind a connection to it.
class JailProcess final : public Process {
  public:
    /// `jail_is_empty` is told when the process was the last of its jail.
    JailProcess(ControlClient init, pid_t pid, std::shared_ptr<bool> jail_is_empty)
        : init_{std::move(init)}, pid_{pid}, jail_is_empty_{std::move(jail_is_empty)} {}
    JailProcess(const JailProcess&) = delete;
    JailProcess& operator=(const JailProcess&) = delete;
    JailProcess(JailProcess&&) = delete;
    JailProcess& operator=(JailProcess&&) = delete;

    /// When we die without saying so, init ends the process: nothing is left behind.
    ~JailProcess() override {
        if (!status_) {
            const FrameHeader forget{0, FrameType::forget, kProtocolVersion};
            send_all(init_.fd(), bytes_of(forget));
        }
    }

    [[nodiscard]] pid_t pid() const noexcept override { return pid_; }

    [[nodiscard]] int exit_fd() const noexcept override { return init_.fd(); }

    void signal(int number) override { send(FrameType::signal, number); }

    void signal_group(int number) override { send(FrameType::signal_group, number); }

    ExitStatus wait() override {
        if (!status_) {
            const auto reply = init_.receive();
            // Without a word: the jail was removed, and every process in it killed.
            status_ = ExitStatus{0, SIGKILL};
            if (reply) {
                const auto exited =
                    FrameReader{reply->payload.data(), reply->payload.size()}.value<Exited>();
                status_ = ExitStatus{exited.code, exited.signal};
                *jail_is_empty_ = exited.was_last != 0;
            }
        }
        return *status_;
    }

  private:
    void send(FrameType type, int number) {
        if (!status_) {
            FrameWriter request{type};
            request.value(static_cast<std::int32_t>(number));
            init_.send(request.finish());
        }
    }

    ControlClient init_;
    pid_t pid_;
    std::shared_ptr<bool> jail_is_empty_;
    std::optional<ExitStatus> status_;
};

/// A command on the host: a child of ours.
class HostProcess final : public Process {
  public:
    HostProcess(UniqueFd pidfd, pid_t pid) : pidfd_{std::move(pidfd)}, pid_{pid} {}

    [[nodiscard]] pid_t pid() const noexcept override { return pid_; }

    [[nodiscard]] int exit_fd() const noexcept override { return pidfd_.get(); }

    void signal(int number) override {
        ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
    }

    void signal_group(int number) override {
        // Until it is waited for, no other group can have its number.
        if (!status_) {
            ::kill(-pid_, number);
        }
    }

    ExitStatus wait() override {
        while (!status_) {
            siginfo_t info = {};
            const auto id = static_cast<id_t>(pidfd_.get());
            if (::waitid(P_PIDFD, id, &info, WEXITED | __WALL) == 0) {
                status_ = info.si_code == CLD_EXITED ? ExitStatus{info.si_status, 0}
                                                     : ExitStatus{0, info.si_status};
            } else if (errno != EINTR) {
                check(-1, "wait for process {}", pid_);
            }
        }
        return *status_;
    }

  private:
    UniqueFd pidfd_;
    pid_t pid_;
    std::optional<ExitStatus> status_;
};

[[noreturn]] void throw_failure(const CommandFailure& failure, const ProcessRequest& request) {
    const std::string& command = request.argv.front();
    const Credentials& user = request.credentials;
    switch (failure.step) {
        case CommandStep::execute:
            break;
        case CommandStep::workdir:
            throw_system_error(failure.error,
                               fmt::format("chdir '{}' as user '{}'", request.workdir, user.user));
        case CommandStep::groups:
            throw_system_error(failure.error, fmt::format("setgroups for user '{}'", user.user));
        case CommandStep::group:
            throw_system_error(failure.error, fmt::format("setgid {}", user.gid));
        case CommandStep::user:
            throw_system_error(failure.error, fmt::format("setuid {}", user.uid));
        case CommandStep::session:
        case CommandStep::terminal:
            throw_system_error(failure.error, "give the process its terminal");
        case CommandStep::capabilities:
            throw_system_error(failure.error, "reduce the capabilities of the process");
        case CommandStep::stdio:
            throw_system_error(failure.error, "give the process its descriptors");
        case CommandStep::fork:
        case CommandStep::none:
            throw_system_error(failure.error, "start a process");
    }
    const std::error_code cause{failure.error, std::generic_category()};
    const bool absent = failure.error == ENOENT || failure.error == ENOTDIR;
    throw Error{absent ? ErrorCode::command_not_found : ErrorCode::command_not_executable,
                fmt::format("execute '{}': {}", command, cause.message()),
                cause};
}

void write_strings(FrameWriter& frame, const std::vector<std::string>& strings) {
    frame.value(static_cast<std::uint32_t>(strings.size()));
    for (const std::string& text : strings) {
        frame.string(text);
    }
}

std::string format_spawn(const ProcessRequest& request) {
    FrameWriter frame{FrameType::spawn};
    SpawnHeader header;
    const Credentials& user = request.credentials;
    header.uid = user.uid;
    header.gid = user.gid;
    header.group_count = static_cast<std::uint16_t>(user.groups.size());
    header.controlling_terminal = request.stdio.controlling_terminal ? 1 : 0;
    const std::array stdio{request.stdio.in, request.stdio.out, request.stdio.err};
    for (unsigned i = 0; i < stdio.size(); ++i) {
        header.null_stdio |= static_cast<std::uint8_t>(stdio.at(i) < 0 ? 1U << i : 0U);
    }
    frame.value(header);
    for (const gid_t group : user.groups) {
        frame.value(group);
    }
    frame.string(request.workdir);
    write_strings(frame, request.argv);
    write_strings(frame, request.environment);
    return frame.finish();
}

void send_spawn(const ControlClient& init, const ProcessRequest& request, int report) {
    const int on = 1;
    check(::setsockopt(init.fd(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), "ask for the pid");
    std::array<int, kMaxFds> fds{report};
    std::size_t count = spawn_stdio;
    for (const int fd : {request.stdio.in, request.stdio.out, request.stdio.err}) {
        if (fd >= 0) {
            fds.at(count++) = fd;
        }
    }
    init.send(format_spawn(request), {fds.data(), count});
}

/// Waits until the report pipe says that the command is being executed, or why it is not.
CommandFailure receive_failure(int report) {
    CommandFailure failure;
    ssize_t size = -1;
    do {
        size = ::read(report, &failure, sizeof(failure));
    } while (size < 0 && errno == EINTR);
    check(size, "wait for the start of a process");
    return failure;
}

std::vector<const char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<const char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (const std::string& text : strings) {
        pointers.push_back(text.c_str());
    }
    pointers.push_back(nullptr);
    return pointers;
}

struct HostCommand {
    Command command;
    CommandFailure failure;
};

int execute_on_host(void* argument) {
    auto& host = *static_cast<HostCommand*>(argument);
    host.failure = become(host.command);
    ::_exit(127);
}

void require_command(const ProcessRequest& request) {
    if (request.argv.empty()) {
        throw Error{ErrorCode::invalid_config, "there is no command to execute"};
    }
}

}  // namespace

std::unique_ptr<Process> LinuxHost::spawn(const Jail& jail, const ProcessRequest& request) {
    require_command(request);
    ControlClient init = connect_to(jail);
    Pipe report = make_pipe();
    send_spawn(init, request, report.write.get());
    report.write.reset();
    const CommandFailure failure = receive_failure(report.read.get());
    if (failure.step != CommandStep::none) {
        throw_failure(failure, request);
    }
    const auto started = init.receive();
    if (!started) {
        throw Error{ErrorCode::not_found,
                    fmt::format("jail '{}' ended before '{}' could be started in it",
                                jail.name,
                                request.argv.front())};
    }
    const auto ours = jails_.find(jail.name);
    auto is_empty = ours == jails_.end() ? std::make_shared<bool>(false) : ours->second.is_empty;
    *is_empty = false;
    return std::make_unique<JailProcess>(std::move(init), started->sender, std::move(is_empty));
}

std::unique_ptr<Process> LinuxHost::spawn_on_host(const ProcessRequest& request) {
    require_command(request);
    const UniqueFd null{check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null")};
    const std::vector<const char*> argv = pointers_to(request.argv);
    const std::vector<const char*> envp = pointers_to(request.environment);
    const auto fd_or_null = [&](int fd) { return fd < 0 ? null.get() : fd; };
    HostCommand host{Command{argv.data(),
                             envp.data(),
                             request.workdir.c_str(),
                             request.credentials.uid,
                             request.credentials.gid,
                             request.credentials.groups.data(),
                             request.credentials.groups.size(),
                             {fd_or_null(request.stdio.in),
                              fd_or_null(request.stdio.out),
                              fd_or_null(request.stdio.err)},
                             request.stdio.controlling_terminal,
                             kAllCapabilities},
                     {}};
    const VforkResult result = vfork_into(execute_on_host, &host, 0);
    if (result.error != 0) {
        throw_system_error(result.error, "start a process");
    }
    auto process = std::make_unique<HostProcess>(UniqueFd{result.pidfd}, result.pid);
    if (host.failure.step != CommandStep::none) {
        process->wait();
        throw_failure(host.failure, request);
    }
    return process;
}

}  // namespace brig::host_linux
