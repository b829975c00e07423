// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/vfork.hpp"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <memory>

namespace brig::host_linux {

namespace {

/// A handler of ours must not run in the child, on our memory.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    SignalsBlocked(SignalsBlocked&&) = delete;
    SignalsBlocked& operator=(SignalsBlocked&&) = delete;
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_ = {};
};

/// clone(2) has no place for a control group, and C libraries keep clone3(2), with which a child
/// can get a stack of its own, to themselves. The child begins behind the system call with all our
/// registers, but with the new stack: it must leave for `child` at once. A pid, or a negative
/// errno.
long clone3_into(clone_args& arguments, int (*child)(void*), void* argument) noexcept {
#if defined(__x86_64__)
    register int (*function)(void*) __asm__("r12") = child;
    register void* parameter __asm__("r13") = argument;
    long result = SYS_clone3;
    // NOLINTNEXTLINE(hicpp-no-assembler)
    __asm__ volatile(
        "syscall\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xor %%ebp, %%ebp\n\t"
        "mov %%r13, %%rdi\n\t"
        "call *%%r12\n\t"
        "ud2\n\t"
        "1:"
        : "+a"(result)
        : "D"(&arguments), "S"(sizeof arguments), "r"(function), "r"(parameter)
        : "rcx", "r11", "memory", "cc");
    return result;
#elif defined(__aarch64__)
    register int (*function)(void*) __asm__("x19") = child;
    register void* parameter __asm__("x20") = argument;
    register long number __asm__("x8") = SYS_clone3;
    register long result __asm__("x0") = reinterpret_cast<long>(&arguments);
    register long size __asm__("x1") = sizeof arguments;
    // NOLINTNEXTLINE(hicpp-no-assembler)
    __asm__ volatile(
        "svc #0\n\t"
        "cbnz x0, 1f\n\t"
        "mov x29, xzr\n\t"
        "mov x0, x20\n\t"
        "blr x19\n\t"
        "brk #0\n\t"
        "1:"
        : "+r"(result)
        : "r"(size), "r"(number), "r"(function), "r"(parameter)
        : "memory", "cc");
    return result;
#else
#error "clone3(2) for this architecture is to be written"
#endif
}

}  // namespace

VforkResult vfork_into(int (*child)(void*), void* argument, std::uint64_t namespaces, int cgroup) {
    constexpr std::size_t kStackSize = 32768;
    constexpr int kFlags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
    const auto stack = std::make_unique_for_overwrite<char[]>(kStackSize);  // NOLINT(*-c-arrays)
    VforkResult result;
    const SignalsBlocked blocked;
    if (cgroup < 0) {
        const int flags = static_cast<int>(namespaces) | kFlags;
        result.pid = ::clone(child, stack.get() + kStackSize, flags, argument, &result.pidfd);
        result.error = result.pid < 0 ? errno : 0;
        return result;
    }
    clone_args arguments{};
    arguments.flags = namespaces | kFlags | CLONE_INTO_CGROUP;
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&result.pidfd);
    arguments.stack = reinterpret_cast<std::uintptr_t>(stack.get());
    arguments.stack_size = kStackSize;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup);
    const long pid = clone3_into(arguments, child, argument);
    result.pid = pid < 0 ? -1 : static_cast<pid_t>(pid);
    result.error = pid < 0 ? static_cast<int>(-pid) : 0;
    return result;
}

}  // namespace brig::host_linux
