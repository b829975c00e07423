// SPDX-License-Identifier: BSD-2-Clause
#include "world.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace brig::conformance {

namespace {

constexpr int kCallStop = SIGTRAP | 0x80;

/// Those that change files, mounts, networks, namespaces or what a device does. Reading ones and
/// those that concern the process alone are left out: a crash there is one at the next of these.
constexpr std::array kChanging{
    SYS_mkdirat, SYS_unlinkat, SYS_renameat2,       SYS_linkat,   SYS_symlinkat, SYS_mknodat,
    SYS_mount,   SYS_umount2,  SYS_move_mount,      SYS_fsmount,  SYS_fsconfig,  SYS_ftruncate,
    SYS_fchmod,  SYS_fchmodat, SYS_fchownat,        SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
    SYS_sendto,  SYS_sendmsg,  SYS_ioctl,           SYS_write,    SYS_pwrite64,  SYS_setns,
    SYS_unshare, SYS_bpf,      SYS_copy_file_range, SYS_openat,
#ifdef __x86_64__
    SYS_mkdir,   SYS_rmdir,    SYS_unlink,          SYS_rename,   SYS_renameat,  SYS_link,
    SYS_symlink, SYS_mknod,    SYS_chmod,           SYS_chown,    SYS_lchown,    SYS_open,
#endif
};

constexpr unsigned long long kOpensToMake = 0100;  // O_CREAT, of open(2)

bool is_changing(const __ptrace_syscall_info& info) {
    const auto call = static_cast<long>(info.entry.nr);
    if (std::find(kChanging.begin(), kChanging.end(), call) == kChanging.end()) {
        return false;
    }
    if (call == SYS_openat) {
        return (info.entry.args[2] & kOpensToMake) != 0;
    }
#ifdef __x86_64__
    if (call == SYS_open) {
        return (info.entry.args[1] & kOpensToMake) != 0;
    }
#endif
    return true;
}

/// The process at `pid`, stopped: is it about to make a call that counts?
bool is_at_counted_call(SharedBlock& block, pid_t pid) {
    if (block.armed() == 0 || block.services() != 0) {
        return false;
    }
    __ptrace_syscall_info info{};
    return ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0
           && info.op == PTRACE_SYSCALL_INFO_ENTRY && is_changing(info);
}

/// What a stop that is not at a system call passes on.
int signal_to_pass(int status) {
    const int signal = WSTOPSIG(status);
    const bool is_event = status >> 16 != 0 || signal == kCallStop || signal == SIGSTOP;
    return is_event ? 0 : signal;
}

}  // namespace

bool can_stop_at_system_calls() {
    return true;
}

int run_to_system_call(SharedBlock& block, unsigned number, const std::function<void()>& work) {
    block.count() = 0;
    const pid_t child = fork_child([&] {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        static_cast<void>(::raise(SIGSTOP));
        work();
    });
    int status = 0;
    ::waitpid(child, &status, 0);
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE);
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    for (;;) {
        const pid_t pid = ::waitpid(-1, &status, __WALL);
        if (pid < 0 || (pid == child && !WIFSTOPPED(status))) {
            return status;
        }
        if (!WIFSTOPPED(status)) {
            continue;
        }
        const bool counts = WSTOPSIG(status) == kCallStop && is_at_counted_call(block, pid);
        if (counts && ++block.count() == number) {
            ::kill(child, SIGKILL);
            return wait_for(child);
        }
        const int signal = signal_to_pass(status);
        ::ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
    }
}

}  // namespace brig::conformance
