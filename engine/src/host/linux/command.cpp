// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/command.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, with sigaction(2)
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace brig::host_linux {

namespace {

/// As exec.clean has it on FreeBSD (_PATH_DEFPATH and the local tree).
constexpr const char* kDefaultPath = "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin";

/// What is inherited through execve(2) and must not come from brig: ignored and blocked signals.
void reset_signals() noexcept {
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) {
        ::sigaction(number, &standard, nullptr);  // fails for SIGKILL and SIGSTOP, as it should
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool place_stdio(const Command& command) noexcept {
    int from[3] = {command.stdio[0], command.stdio[1], command.stdio[2]};
    for (int i = 0; i < 3; ++i) {
        // One that sits in another's place would be overwritten before its turn.
        if (from[i] < 3 && from[i] != i) {
            from[i] = ::fcntl(from[i], F_DUPFD_CLOEXEC, 3);
        }
        if (from[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < 3; ++i) {
        const int placed = from[i] == i ? ::fcntl(i, F_SETFD, 0) : ::dup2(from[i], i);
        if (placed < 0) {
            return false;
        }
    }
    // Everything else is close-on-exec from birth; this is for what we did not open.
    return ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

bool take_terminal(const Command& command) noexcept {
    // As login(1) does it, so that the user can open /dev/tty and pass it on.
    return ::ioctl(0, TIOCSCTTY, 0) == 0 && ::fchown(0, command.uid, static_cast<gid_t>(-1)) == 0;
}

const char* search_path(const char* const* envp) noexcept {
    for (; *envp != nullptr; ++envp) {
        if (std::strncmp(*envp, "PATH=", 5) == 0) {
            return *envp + 5;
        }
    }
    return kDefaultPath;
}

int execute(const Command& command, const char* file) noexcept {
    ::execve(file,
             const_cast<char* const*>(command.argv),  // execve(2) predates const
             const_cast<char* const*>(command.envp));
    return errno;
}

/// The rest of `path` behind its first directory, or nullptr at the end.
const char* next_directory(const char* path) noexcept {
    const char* colon = std::strchr(path, ':');
    return colon == nullptr ? nullptr : colon + 1;
}

/// As execvp(3), but against the command's own PATH, and without a shell for unknown formats.
int execute_from_path(const Command& command) noexcept {
    const char* name = command.argv[0];
    if (*name == '\0' || std::strchr(name, '/') != nullptr) {
        return *name == '\0' ? ENOENT : execute(command, name);
    }
    const std::size_t name_size = std::strlen(name) + 1;
    int result = ENOENT;
    for (const char* path = search_path(command.envp); path != nullptr;
         path = next_directory(path)) {
        char file[PATH_MAX];
        const std::size_t size = std::strcspn(path, ":");
        if (size + 1 + name_size > sizeof(file)) {
            continue;
        }
        // NOLINTNEXTLINE(bugprone-not-null-terminated-result): the program's name follows
        std::memcpy(file, path, size);
        file[size] = '/';
        // An empty directory is the working directory, sh(1) says.
        std::memcpy(file + (size == 0 ? 0 : size + 1), name, name_size);
        const int error = execute(command, file);
        if (error != ENOENT && error != ENOTDIR && error != EACCES) {
            return error;
        }
        result = error == EACCES ? EACCES : result;
    }
    return result;
}

}  // namespace

int limit_capabilities(std::uint64_t mask) noexcept {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    const auto low = static_cast<std::uint32_t>(mask);
    const auto high = static_cast<std::uint32_t>(mask >> 32U);
    const __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
    return static_cast<int>(::syscall(SYS_capset, &header, data));
}

CommandFailure become(const Command& command) noexcept {
    const auto failed = [](CommandStep step) { return CommandFailure{step, errno}; };
    reset_signals();
    ::umask(022);
    if (!place_stdio(command)) {
        return failed(CommandStep::stdio);
    }
    if (::setsid() < 0) {
        return failed(CommandStep::session);
    }
    if (command.controlling_terminal && !take_terminal(command)) {
        return failed(CommandStep::terminal);
    }
    // By system call: glibc's wrappers would tell all threads of an engine that lent us its memory.
    if (::syscall(SYS_setgroups, command.group_count, command.groups) != 0) {
        return failed(CommandStep::groups);
    }
    if (::syscall(SYS_setresgid, command.gid, command.gid, command.gid) != 0) {
        return failed(CommandStep::group);
    }
    if (::syscall(SYS_setresuid, command.uid, command.uid, command.uid) != 0) {
        return failed(CommandStep::user);
    }
    if (command.uid == 0 && command.capabilities != kAllCapabilities
        && limit_capabilities(command.capabilities) != 0) {
        return failed(CommandStep::capabilities);
    }
    // After the identity: a directory the user may not enter is refused, as jexec(8) does.
    if (::chdir(command.workdir) != 0) {
        return failed(CommandStep::workdir);
    }
    errno = execute_from_path(command);
    return failed(CommandStep::execute);
}

}  // namespace brig::host_linux
