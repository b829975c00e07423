// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/process.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/event.h>
#include <sys/procdesc.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

namespace brig::freebsd {

namespace {

UniqueFd watch_exit(int descriptor) {
    UniqueFd queue{check(::kqueue(), "make a kqueue")};
    check(::fcntl(queue.get(), F_SETFD, FD_CLOEXEC), "make a kqueue");
    struct kevent exit {};
    EV_SET(
        &exit, static_cast<uintptr_t>(descriptor), EVFILT_PROCDESC, EV_ADD, NOTE_EXIT, 0, nullptr);
    check(::kevent(queue.get(), &exit, 1, nullptr, 0, nullptr), "watch a process");
    return queue;
}

ExitStatus status_of(int wait_status) {
    return WIFSIGNALED(wait_status) ? ExitStatus{0, WTERMSIG(wait_status)}
                                    : ExitStatus{WEXITSTATUS(wait_status), 0};
}

}  // namespace

SpawnedProcess::SpawnedProcess(pid_t pid, UniqueFd descriptor, Orphan orphan)
    : pid_{pid},
      descriptor_{std::move(descriptor)},
      exit_queue_{watch_exit(descriptor_.get())},
      orphan_{orphan} {}

SpawnedProcess::~SpawnedProcess() {
    pollfd state{descriptor_.get(), POLLIN, 0};
    const bool running = !status_ && ::poll(&state, 1, 0) == 0;
    if (running && orphan_ == Orphan::dies) {
        // Closing it would end the process. It stays open until this program ends.
        static_cast<void>(descriptor_.release());
    }
}

void SpawnedProcess::signal(int number) {
    if (status_) {
        return;
    }
    if (::pdkill(descriptor_.get(), number) < 0 && errno != ESRCH) {
        check(-1, "send signal {} to process {}", number, pid_);
    }
}

void SpawnedProcess::signal_group(int number) {
    // Until it is waited for, no other group can have its number.
    if (!status_ && ::kill(-pid_, number) < 0 && errno != ESRCH) {
        check(-1, "send signal {} to the process group {}", number, pid_);
    }
}

ExitStatus SpawnedProcess::wait() {
    int wait_status = 0;
    while (!status_) {
        const pid_t ended = ::wait4(pid_, &wait_status, 0, nullptr);
        if (ended == pid_) {
            status_ = status_of(wait_status);
        } else if (errno != EINTR) {
            check(-1, "wait for process {}", pid_);
        }
    }
    return *status_;
}

}  // namespace brig::freebsd
