// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/launch.hpp"

#include "host/linux/control_client.hpp"
#include "host/linux/frame_writer.hpp"
#include "host/linux/jail_policy.hpp"
#include "host/linux/privilege.hpp"
#include "host/linux/record.hpp"
#include "host/linux/system_calls.hpp"
#include "host/linux/vfork.hpp"
#include "support/check.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace brig::host_linux {

namespace {

struct Execution {
    const char* program = nullptr;
    const char* name = nullptr;
    int channel = -1;
    const char* step = nullptr;
    int error = 0;
};

int give_up(Execution& execution, const char* step) {
    execution.step = step;
    execution.error = errno;
    ::_exit(127);
}

/// In the new namespaces and on borrowed memory: system calls only.
int execute_init(void* argument) {
    auto& execution = *static_cast<Execution*>(argument);
    // From here on nothing that is mounted or unmounted shows on the host.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return give_up(execution, "make the mounts of the jail private");
    }
    // Read-only, so that nothing in the jail can write to the program, or change its mode or
    // owner, through /proc/self/exe. The mount goes with the old root.
    if (::mount(execution.program, execution.program, nullptr, MS_BIND, nullptr) != 0
        || sys_mount_setattr(AT_FDCWD, execution.program, 0, MOUNT_ATTR_RDONLY) != 0) {
        return give_up(execution, "mount the jail's init read-only from");
    }
    if (::dup2(execution.channel, 0) != 0) {
        return give_up(execution, "pass a socket to");
    }
    const std::array<char*, 3> argv{
        const_cast<char*>("brig-init"), const_cast<char*>(execution.name), nullptr};
    std::array<char*, 1> environment{nullptr};
    ::execve(execution.program, argv.data(), environment.data());
    return give_up(execution, "execute");
}

struct SocketPair {
    UniqueFd ours;
    UniqueFd theirs;
};

/// Above the three that a program may have been started without: 0 is to be init's own end.
UniqueFd above_stdio(int fd) {
    UniqueFd owned{fd};
    if (fd > STDERR_FILENO) {
        return owned;
    }
    return UniqueFd{
        check(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "duplicate a descriptor")};
}

SocketPair make_channel() {
    std::array<int, 2> fds{};
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), "make a socket pair");
    UniqueFd ours{fds[0]};
    return SocketPair{std::move(ours), above_stdio(fds[1])};
}

std::string format_plan(const JailRequest& request, const JailPolicy& policy) {
    FrameWriter writer{FrameType::plan};
    PlanFlags flags = policy.flags;
    flags.mount_count = static_cast<std::uint32_t>(request.mounts.size());
    writer.value(flags);
    writer.string(request.root.native());
    writer.string(policy.hostname);
    writer.string(policy.domainname);
    writer.bytes(format_record(request));
    for (const Mount& mount : request.mounts) {
        const PlannedMount planned = plan_mount(mount);
        writer.value(planned.plan);
        writer.string(planned.source);
        writer.string(planned.target);
    }
    return writer.finish();
}

void send_plan(int channel, const std::string& plan, int listener, int lock) {
    std::array<int, 2> fds{listener, lock};
    const std::size_t count = lock < 0 ? 1 : 2;
    // EPIPE: init has ended; what it said before, or that it said nothing, is reported below.
    if (send_all(channel, plan, {fds.data(), count}) != 0 && errno != EPIPE) {
        throw_system_error(errno, "send the plan of the jail");
    }
}

BuildReport receive_report(int channel) {
    BuildReport report;
    ReceivedFds none;
    const ssize_t size =
        receive_some(channel, {reinterpret_cast<char*>(&report), sizeof(report)}, none);
    if (size != static_cast<ssize_t>(sizeof(report))) {
        throw Error{ErrorCode::internal, "the jail's init ended before it had built the jail"};
    }
    return report;
}

std::string hint_for(const BuildReport& report, const JailRequest& request) {
    const bool is_mount = std::strncmp(report.step, "mount", 5) == 0;
    if (report.error == ENOENT && is_mount && report.subject[0] != '\0') {
        return fmt::format("make the directory '{}' in the image", report.subject);
    }
    if (report.error == ENOSPC && std::strstr(report.step, "user namespace") != nullptr) {
        return "the sysctl user.max_user_namespaces allows none; allow.noset_hostname needs none";
    }
    (void)request;
    return {};
}

void throw_if_failed(const BuildReport& report, const JailRequest& request) {
    if (report.error == 0) {
        return;
    }
    const bool has_subject = report.subject[0] != '\0';
    // jail(8)'s words for it.
    if (report.error == ELOOP && has_subject) {
        throw Error{
            ErrorCode::invalid_config,
            fmt::format(
                "{}: {}{} is a symbolic link", report.step, request.root.native(), report.subject)}
            .with_hint("mount points of the image must be directories, and so must all above them");
    }
    const std::string attempt = has_subject ? fmt::format("{} '{}'", report.step, report.subject)
                                            : std::string{report.step};
    try {
        throw_system_error(report.error, attempt);
    } catch (Error& error) {
        throw std::move(error).with_hint(hint_for(report, request));
    }
}

InitProcess start(Execution& execution, std::uint64_t namespaces) {
    InitProcess init;
    const VforkResult result = vfork_into(execute_init, &execution, namespaces);
    if (result.error != 0) {
        explain_refusal(result.error);
        throw_system_error(result.error, "make the namespaces of the jail");
    }
    init.pid = result.pid;
    init.pidfd.reset(result.pidfd);
    if (execution.error != 0) {
        end_process(init.pidfd.get());
        throw_system_error(execution.error,
                           fmt::format("{} '{}'", execution.step, execution.program));
    }
    return init;
}

}  // namespace

void end_process(int pidfd) {
    // Gone already is what we want.
    ::syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
    pollfd ended{pidfd, POLLIN, 0};
    while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {}
    // Where it is our child it leaves no zombie; __WALL: it does not send us SIGCHLD.
    siginfo_t info = {};
    ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | __WALL);
}

InitProcess launch_init(const std::filesystem::path& program, const JailRequest& request) {
    const JailPolicy policy = make_policy(request.params);
    const std::string plan = format_plan(request, policy);
    const UniqueFd listener = bind_control_socket(request.folder);
    SocketPair channel = make_channel();
    Execution execution{program.c_str(), request.name.c_str(), channel.theirs.get()};
    InitProcess init = start(execution, policy.clone_flags);
    channel.theirs.reset();
    try {
        send_plan(channel.ours.get(), plan, listener.get(), request.lock_fd);
        throw_if_failed(receive_report(channel.ours.get()), request);
    } catch (...) {
        end_process(init.pidfd.get());
        throw;
    }
    init.lifeline = std::move(channel.ours);
    return init;
}

}  // namespace brig::host_linux
