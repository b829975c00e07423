// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/child.hpp"

#include "host/freebsd/jail_syscalls.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/procctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/ttycom.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace brig::freebsd {

namespace {

constexpr int kExitUnheard = 127;  // the parent reads the report, not this

[[noreturn]] void give_up(ChildStep step) noexcept {
    const ChildFailure failure{step, errno};
    // Shorter than PIPE_BUF: written at once or not at all.
    const ssize_t written = ::write(kReportFd, &failure, sizeof failure);
    ::_exit(written < 0 ? kExitUnheard - 1 : kExitUnheard);
}

void require(int result, ChildStep step) noexcept {
    if (result < 0) {
        give_up(step);
    }
}

/// Moves the report and the three standard descriptors to their places and closes all others:
/// none may leak into the container, and jail_attach(2) refuses a process that has a directory
/// open, close-on-exec or not.
void arrange_descriptors(const ChildPlan& plan) noexcept {
    require(::fcntl(plan.report, F_DUP2FD_CLOEXEC, kReportFd), ChildStep::descriptors);
    for (int fd = 0; fd < static_cast<int>(plan.stdio.size()); ++fd) {
        require(::dup2(plan.stdio[static_cast<std::size_t>(fd)], fd), ChildStep::descriptors);
    }
    ::closefrom(kReportFd + 1);
}

/// A session of its own keeps the command away from the user's terminal: it could push
/// characters into it (TIOCSTI), and would get every Ctrl-C twice. It leads a process group by
/// that, which is what a hook that takes too long is ended with.
void start_session(const ChildPlan& plan) noexcept {
    require(::setsid(), ChildStep::session);
    if (plan.controlling_terminal) {
        require(::ioctl(STDIN_FILENO, TIOCSCTTY, 0), ChildStep::terminal);
    }
}

void enter_jail(int jail, const ChildPlan& plan) noexcept {
    if (plan.fib) {
        require(::setfib(*plan.fib), ChildStep::fib);
    }
    require(forbid_tracing(), ChildStep::attach);
    require(::jail_attach(jail), ChildStep::attach);
}

void take_login_class(const LoginClass& login) noexcept {
    require(::setloginclass(login.name.c_str()), ChildStep::login_class);
    require(::setpriority(PRIO_PROCESS, 0, login.priority), ChildStep::priority);
    for (const LoginClass::Limit& limit : login.limits) {
        const rlimit value{static_cast<rlim_t>(limit.soft), static_cast<rlim_t>(limit.hard)};
        require(::setrlimit(limit.resource, &value), ChildStep::limits);
    }
    ::umask(login.umask);
}

void join_groups(const ChildPlan& plan) noexcept {
    require(::setgroups(static_cast<int>(plan.groups.size()), plan.groups.data()),
            ChildStep::groups);
    require(::setgid(plan.groups.front()), ChildStep::group);
}

/// The parent may ignore or handle signals and has blocked them all; the command starts afresh.
void reset_signals() noexcept {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) {
        ::sigaction(number, &action, nullptr);  // fails for SIGKILL and SIGSTOP, which is right
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// As execvp(3), which may allocate: the first that can be executed; EACCES weighs more than
/// ENOENT.
[[noreturn]] void execute(const ChildPlan& plan) noexcept {
    int refusal = ENOENT;
    for (const std::string& program : plan.programs) {
        ::execve(program.c_str(), plan.argv.data(), plan.environment.data());
        if (errno == EACCES) {
            refusal = EACCES;
        } else if (errno != ENOENT && errno != ENOTDIR) {
            give_up(ChildStep::execute);
        }
    }
    errno = refusal;
    give_up(ChildStep::execute);
}

}  // namespace

int forbid_tracing() noexcept {
    int no_tracing = PROC_TRACE_CTL_DISABLE;
    const int result = ::procctl(P_PID, ::getpid(), PROC_TRACE_CTL, &no_tracing);
    return result < 0 && errno == EBUSY ? 0 : result;
}

void run_child(const ChildPlan& plan) noexcept {
    arrange_descriptors(plan);
    reset_signals();
    start_session(plan);
    if (plan.login_class) {
        take_login_class(*plan.login_class);
    }
    // Before the jail, whose root may have no privileges (allow.nosuser).
    join_groups(plan);
    if (plan.jail) {
        require(::setlogin(plan.login_name.c_str()), ChildStep::login_name);
        enter_jail(*plan.jail, plan);
    }
    require(::setuid(plan.uid), ChildStep::user);
    require(::chdir(plan.workdir.c_str()), ChildStep::workdir);
    execute(plan);
}

}  // namespace brig::freebsd
