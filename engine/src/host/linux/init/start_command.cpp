// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/command.hpp"
#include "host/linux/init/control.hpp"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, with sigaction(2)
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace brig::host_linux {

namespace {

/// Memory for the arrays of a command, whose strings stay in the frame.
struct CommandArrays {
    const char** argv = nullptr;
    const char** envp = nullptr;
    gid_t* groups = nullptr;

    CommandArrays() = default;
    CommandArrays(const CommandArrays&) = delete;
    CommandArrays& operator=(const CommandArrays&) = delete;
    CommandArrays(CommandArrays&&) = delete;
    CommandArrays& operator=(CommandArrays&&) = delete;

    ~CommandArrays() {
        std::free(argv);
        std::free(envp);
        std::free(groups);
    }
};

/// nullptr when the frame is malformed. The count is checked by what a string takes at least.
const char** read_strings(FrameReader& reader) noexcept {
    const auto count = reader.value<std::uint32_t>();
    if (count > kMaxFrameSize / sizeof(std::uint32_t)) {
        return nullptr;
    }
    auto* strings = static_cast<const char**>(std::calloc(count + 1U, sizeof(char*)));
    for (std::uint32_t i = 0; strings != nullptr && i < count; ++i) {
        strings[i] = reader.string();
    }
    return strings;
}

bool read_command(FrameReader& reader, Command& command, CommandArrays& arrays) noexcept {
    const auto header = reader.value<SpawnHeader>();
    arrays.groups = static_cast<gid_t*>(std::calloc(header.group_count + 1U, sizeof(gid_t)));
    for (unsigned i = 0; arrays.groups != nullptr && i < header.group_count; ++i) {
        arrays.groups[i] = reader.value<gid_t>();
    }
    command.workdir = reader.string();
    arrays.argv = read_strings(reader);
    arrays.envp = read_strings(reader);
    command.uid = header.uid;
    command.gid = header.gid;
    command.groups = arrays.groups;
    command.group_count = header.group_count;
    command.argv = arrays.argv;
    command.envp = arrays.envp;
    command.controlling_terminal = header.controlling_terminal != 0;
    for (int i = 0; i < 3; ++i) {
        command.stdio[i] = ((header.null_stdio >> i) & 1) != 0 ? -1 : 0;  // see place_fds
    }
    return reader.ok() && arrays.groups != nullptr && arrays.argv != nullptr
           && arrays.envp != nullptr && arrays.argv[0] != nullptr;
}

bool place_fds(Command& command, const ReceivedFds& fds, int null) noexcept {
    std::size_t next = spawn_stdio;
    for (int& fd : command.stdio) {
        if (fd < 0) {
            fd = null;
        } else if (next < fds.count) {
            fd = fds.fd[next++];
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

bool send_started(int socket, pid_t child) noexcept {
    const FrameHeader header{0, FrameType::started, kProtocolVersion};
    iovec part = {const_cast<FrameHeader*>(&header), sizeof(header)};  // only read from
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof(ucred))] = {};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof(space);
    cmsghdr* control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_CREDENTIALS;
    control->cmsg_len = CMSG_LEN(sizeof(ucred));
    const ucred credentials{child, 0, 0};
    std::memcpy(CMSG_DATA(control), &credentials, sizeof(credentials));
    return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof(header));
}

pid_t start_command(FrameReader& reader,
                    const ReceivedFds& fds,
                    const JailPlan& plan,
                    int null) noexcept {
    Command command;
    CommandArrays arrays;
    if (fds.count == 0 || !read_command(reader, command, arrays)
        || !place_fds(command, fds, null)) {
        return -1;
    }
    command.capabilities = plan.flags.capabilities;
    const int report = fds.fd[spawn_report];
    // fork, not vfork: init must go on while the child looks for its program, or a process of
    // the jail that stops the child would stop init, and with it the end of the jail when its
    // owner dies. The few pages of init make it cheap. clone3(2) is denied to us as to all.
    const auto child = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    const CommandFailure failure =
        child == 0 ? become(command) : CommandFailure{CommandStep::fork, errno};
    if (child <= 0) {
        [[maybe_unused]] const ssize_t written = ::write(report, &failure, sizeof(failure));
    }
    if (child == 0) {
        ::_exit(127);
    }
    return child;
}

}  // namespace brig::host_linux
