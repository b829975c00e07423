// SPDX-License-Identifier: BSD-2-Clause
#include "support/traced_child.hpp"

#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace brig::test {
namespace {

#ifdef __x86_64__

/// At the stop before a call: none is made.
void leave_out_call(pid_t pid) {
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
    registers.orig_rax = ~0ULL;
    ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
}

/// At the stop after it.
void set_result(pid_t pid, int error_number) {
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
    registers.rax = static_cast<unsigned long long>(-static_cast<long long>(error_number));
    ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
}

/// Not PTRACE_GET_SYSCALL_INFO, which User Mode Linux does not have.
long call_at(pid_t pid) {
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
    return static_cast<long>(registers.orig_rax);
}

#else

long call_at(pid_t pid) {
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    return static_cast<long>(info.entry.nr);
}

void leave_out_call(pid_t /*pid*/) {}

void set_result(pid_t /*pid*/, int /*error_number*/) {}

#endif

}  // namespace

TracedChild::TracedChild(const std::function<void()>& operation) : pid_{::fork()} {
    if (pid_ < 0) {
        throw std::runtime_error{"fork failed"};
    }
    if (pid_ == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        operation();
        ::_exit(0);
    }
    ::waitpid(pid_, &status_, 0);
    // So that calls can be told from signals.
    ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_TRACESYSGOOD);
}

TracedChild::~TracedChild() {
    kill();
}

bool TracedChild::can_fail_calls() {
#ifdef __x86_64__
    return true;
#else
    return false;
#endif
}

void TracedChild::step() {
    ::ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr);
    ::waitpid(pid_, &status_, 0);
    if (WIFSTOPPED(status_) && WSTOPSIG(status_) == (SIGTRAP | 0x80)) {
        in_call_ = !in_call_;
    }
}

bool TracedChild::run_to_call(int number, const std::set<long>& calls) {
    for (;;) {
        step();
        if (!WIFSTOPPED(status_)) {
            return false;
        }
        if (in_call_ && calls.count(call_at(pid_)) != 0 && number-- == 0) {
            return true;
        }
    }
}

bool TracedChild::fail_call(int number, const std::set<long>& calls, int error_number) {
    if (!run_to_call(number, calls)) {
        return false;
    }
    leave_out_call(pid_);
    step();  // after it
    set_result(pid_, error_number);
    return true;
}

void TracedChild::kill() {
    if (WIFSTOPPED(status_)) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, &status_, 0);
    }
}

int TracedChild::go_on() {
    while (WIFSTOPPED(status_)) {
        ::ptrace(PTRACE_CONT, pid_, nullptr, nullptr);
        ::waitpid(pid_, &status_, 0);
    }
    return status_;
}

}  // namespace brig::test
