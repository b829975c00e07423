// SPDX-License-Identifier: BSD-2-Clause
//
// Kills a program in the middle:
//
//     kill_at_call NUMBER PROGRAM ARGUMENT…
//
// SIGKILL comes right before the NUMBER-th, from 1, of the system calls that may change a network
// of the host, made by the program or by whatever it starts. Only the program itself is killed; the
// others go on as they would after a crash. Status 0 when it was killed, 3 when it ended before.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ENDED = 3,
    SYSCALL_STOP = SIGTRAP | 0x80
};

/// Netlink and control sockets, new processes, namespaces, eBPF, the database.
static int may_change(long call) {
    switch (call) {
        case SYS_sendto:
        case SYS_sendmsg:
        case SYS_clone:
        case SYS_clone3:
        case SYS_setns:
        case SYS_unshare:
        case SYS_bpf:
        case SYS_pwrite64:
        case SYS_ioctl:
#ifdef __x86_64__
        case SYS_vfork:
        case SYS_fork:
#endif
            return 1;
        default:
            return 0;
    }
}

static void fail(const char* what) {
    perror(what);
    exit(2);
}

/// Seized, so that what it starts is never sent a SIGSTOP, which would be left to it.
static pid_t start(char** arguments) {
    int seized[2];
    if (pipe(seized) != 0) {
        fail("pipe");
    }
    const pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid == 0) {
        char go = 0;
        close(seized[1]);
        if (read(seized[0], &go, 1) == 0) {
            close(seized[0]);
            execvp(arguments[0], arguments);
        }
        fail(arguments[0]);
    }
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK
                         | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SEIZE, pid, NULL, options) != 0
        || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0) {
        fail("ptrace");
    }
    close(seized[0]);
    close(seized[1]);
    return pid;
}

/// The call that a process is about to make; -1 if it is stopped for something else.
static long call_at(pid_t pid) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void*)sizeof info, &info) <= 0
        || info.op != PTRACE_SYSCALL_INFO_ENTRY) {
        return -1;
    }
    return (long)info.entry.nr;
}

int main(int count, char** arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: kill_at_call NUMBER PROGRAM ARGUMENT...\n");
        return 2;
    }
    int left = atoi(arguments[1]);
    const pid_t program = start(arguments + 2);
    for (;;) {
        int status = 0;
        const pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0) {
            return errno == ECHILD ? ENDED : 2;
        }
        if (!WIFSTOPPED(status)) {
            if (pid == program) {
                return ENDED;  // the others are let go with this process
            }
            continue;
        }
        int signal = WSTOPSIG(status);
        if (signal == SYSCALL_STOP) {
            signal = 0;
            if (may_change(call_at(pid)) && --left == 0) {
                kill(program, SIGKILL);
                while (waitpid(program, &status, __WALL) == program && WIFSTOPPED(status)) {}
                return 0;
            }
        } else if (status >> 16 != 0) {
            signal = 0;  // a new process, or a new program
        }
        ptrace(PTRACE_SYSCALL, pid, NULL, signal);
    }
}
