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
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

namespace brig::host_linux {

namespace {

struct Execution {
    int program = -1;  ///< see open_program()
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
    if (::dup2(execution.channel, 0) != 0) {
        return give_up(execution, "pass a socket to");
    }
    std::array<char*, 3> argv{
        const_cast<char*>("brig-init"), const_cast<char*>(execution.name), nullptr};
    std::array<char*, 1> environment{nullptr};
    ::syscall(SYS_execveat, execution.program, "", argv.data(), environment.data(), AT_EMPTY_PATH);
    return give_up(execution, "execute");
}

/// On a read-only mount of its own, that nobody sees, so that nothing in the jail can write to the
/// program, or change its mode or owner, through /proc/self/exe.
UniqueFd open_program(const std::filesystem::path& program) {
    UniqueFd file{
        check(sys_open_tree(AT_FDCWD, program.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
              "open the jail's init '{}'",
              program.native())};
    check(sys_mount_setattr(file.get(), "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY),
          "make the jail's init '{}' read-only",
          program.native());
    return file;
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

/// What `path` shows, with all that is mounted below, as a mount that init can put anywhere. It
/// must be taken here: init has left the mounts of the host before a driver makes this one.
UniqueFd detach(const std::string& path,
                unsigned how,
                std::uint64_t attributes,
                std::string_view attempt) {
    UniqueFd tree{
        check(sys_open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | how),
              "{} {}",
              attempt,
              path)};
    // As in FreeBSD, device nodes mean something in /dev only: those that an image brings do not.
    check(sys_mount_setattr(
              tree.get(), "", AT_EMPTY_PATH | how, attributes | MOUNT_ATTR_NODEV, MS_PRIVATE),
          "refuse device nodes below '{}'",
          path);
    return tree;
}

/// The root with all that is mounted in it; the errors are jail(8)'s.
UniqueFd detach_root(const std::string& path) {
    UniqueFd root = detach(path, AT_RECURSIVE, 0, "path");
    struct stat status = {};
    check(::fstat(root.get(), &status), "path {}", path);
    if (!S_ISDIR(status.st_mode)) {
        throw_system_error(ENOTDIR, fmt::format("path {}", path));
    }
    return root;
}

/// A plan as it is sent.
struct PlanMessage {
    std::string frame;
    std::vector<UniqueFd> trees;  ///< the root, and the directories to be mounted
};

PlanMessage make_plan_message(const JailRequest& request, const JailPolicy& policy) {
    PlanMessage message;
    message.trees.push_back(detach_root(request.root));
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
        if (planned.plan.kind == MountKind::directory) {
            message.trees.push_back(
                detach(planned.source, AT_RECURSIVE, planned.plan.attributes, "mount nullfs from"));
        }
    }
    message.frame = writer.finish();
    return message;
}

void send_plan(int channel, const PlanMessage& plan, int listener, int lock) {
    std::vector<int> fds{listener};
    for (const UniqueFd& tree : plan.trees) {
        fds.push_back(tree.get());
    }
    if (lock >= 0) {
        fds.push_back(lock);
    }
    if (fds.size() > kMaxFds) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("{} mounts in a jail are too many", plan.trees.size() - 1)}
            .with_hint(fmt::format("about {} are possible", kMaxFds));
    }
    // EPIPE: init has ended; what it said before, or that it said nothing, is reported below.
    if (send_all(channel, plan.frame, fds) != 0 && errno != EPIPE) {
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

std::string hint_for(const BuildReport& report) {
    const bool is_mount = std::strncmp(report.step, "mount", 5) == 0;
    if (report.error == ENOENT && is_mount && report.subject[0] != '\0') {
        return fmt::format("make the directory '{}' in the image", report.subject);
    }
    if (report.error == ENOSPC && std::strstr(report.step, "user namespace") != nullptr) {
        return "the sysctl user.max_user_namespaces allows none; allow.noset_hostname needs none";
    }
    return {};
}

void throw_if_failed(const BuildReport& report, const JailRequest& request) {
    if (report.error == 0) {
        return;
    }
    if (std::strcmp(report.step, kMakeNamespaces) == 0) {
        explain_refusal(report.error);
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
        const std::string hint = hint_for(report);
        throw hint.empty() ? std::move(error) : std::move(error).with_hint(hint);
    }
}

}  // namespace

void end_process(int pidfd) {
    // Gone already is what we want.
    ::syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
    pollfd ended{pidfd, POLLIN, 0};
    while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {}
    // Where it is our child it leaves no zombie; __WALL: one that has not executed anything yet.
    siginfo_t info = {};
    ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | __WALL);
}

InitProcess start_init(const std::filesystem::path& program, const std::string& name, int cgroup) {
    const UniqueFd file = open_program(program);
    SocketPair channel = make_channel();
    Execution execution{file.get(), name.c_str(), channel.theirs.get()};
    const VforkResult result = vfork_into(execute_init, &execution, CLONE_NEWPID, cgroup);
    if (result.error != 0) {
        explain_refusal(result.error);
        throw_system_error(result.error, kMakeNamespaces);
    }
    InitProcess init;
    init.pid = result.pid;
    init.pidfd.reset(result.pidfd);
    if (execution.error != 0) {
        end_process(init.pidfd.get());
        throw_system_error(execution.error,
                           fmt::format("{} '{}'", execution.step, program.native()));
    }
    init.lifeline = std::move(channel.ours);
    return init;
}

InitProcess build_jail(InitProcess init, const JailRequest& request) {
    try {
        const PlanMessage plan = make_plan_message(request, make_policy(request.params));
        const UniqueFd listener = bind_control_socket(request.folder);
        send_plan(init.lifeline.get(), plan, listener.get(), request.lock_fd);
        throw_if_failed(receive_report(init.lifeline.get()), request);
    } catch (...) {
        end_process(init.pidfd.get());
        throw;
    }
    return init;
}

}  // namespace brig::host_linux
