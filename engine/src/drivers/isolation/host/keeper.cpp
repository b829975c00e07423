// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/host/keeper.hpp"

#include "support/check.hpp"
#include "support/end_with_parent.hpp"

#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill(2) is POSIX, not C++
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace brig::isolation {

namespace {

constexpr int kAttempts = 200;  // ten milliseconds apart

void block_term(int how) {
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(how, &term, nullptr);
}

int reap(pid_t worker) {
    int status = 0;
    while (::waitpid(worker, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// False when there is none any more.
bool reap_those_that_ended() {
    pid_t ended = 0;
    do {
        ended = ::waitpid(-1, nullptr, WNOHANG);
    } while (ended > 0 || (ended < 0 && errno == EINTR));
    return ended == 0;
}

/// What a child forks while it dies comes here again.
void end_children() {
    for (int i = 0; i < kAttempts && reap_those_that_ended(); ++i) {
        kill_children();
        ::poll(nullptr, 0, i == 0 ? 0 : 10);
    }
}

}  // namespace

int run_kept(pid_t engine, const std::function<int()>& work) {
    block_term(SIG_BLOCK);
    adopt_orphans();
    const pid_t keeper = ::getpid();
    const pid_t worker = check(::fork(), "start a process for the driver");
    if (worker == 0) {
        block_term(SIG_UNBLOCK);
        end_with_parent(keeper);
        adopt_orphans();
        ::_exit(work());
    }
    wait_for_end(engine, worker);
    ::kill(worker, SIGKILL);
    const int status = reap(worker);
    end_children();
    return status;
}

}  // namespace brig::isolation
