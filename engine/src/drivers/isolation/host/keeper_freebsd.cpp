// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/host/keeper.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill(2) is POSIX, not C++
#include <sys/event.h>
#include <sys/procctl.h>
#include <unistd.h>

#include <cerrno>

namespace brig::isolation {

namespace {

bool add(int queue, struct kevent change) {
    while (::kevent(queue, &change, 1, nullptr, 0, nullptr) < 0) {
        if (errno != EINTR) {
            return false;  // ESRCH: that process has ended already
        }
    }
    return true;
}

struct kevent event_of(pid_t process) {
    struct kevent change {};
    EV_SET(&change, static_cast<uintptr_t>(process), EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, nullptr);
    return change;
}

struct kevent event_of_term() {
    struct kevent change {};
    EV_SET(&change, SIGTERM, EVFILT_SIGNAL, EV_ADD, 0, 0, nullptr);
    return change;
}

bool is_pending(int number) {
    sigset_t pending;
    ::sigpending(&pending);
    return ::sigismember(&pending, number) == 1;
}

}  // namespace

void adopt_orphans() {
    check(::procctl(P_PID, ::getpid(), PROC_REAP_ACQUIRE, nullptr), "become the parent of orphans");
}

void wait_for_end(pid_t engine, pid_t worker) {
    const UniqueFd queue{check(::kqueue(), "watch for the end of processes")};
    if (!add(queue.get(), event_of_term()) || !add(queue.get(), event_of(engine))
        || !add(queue.get(), event_of(worker)) || ::getppid() != engine || is_pending(SIGTERM)) {
        return;
    }
    struct kevent happened {};
    while (::kevent(queue.get(), nullptr, 0, &happened, 1, nullptr) < 0 && errno == EINTR) {}
}

void kill_children() {
    struct procctl_reaper_kill request {};
    request.rk_sig = SIGKILL;
    ::procctl(P_PID, ::getpid(), PROC_REAP_KILL, &request);
}

}  // namespace brig::isolation
