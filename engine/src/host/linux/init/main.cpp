// SPDX-License-Identifier: BSD-2-Clause
// brig-init: the first process of a jail on Linux. The engine executes it in a new pid namespace
// with one end of a socket pair as descriptor 0, over which it receives what to build and whose
// other end says by its closing that the owner is gone (what JAIL_OWN_DESC does on FreeBSD).
//
// It is the only program of the host that ever runs in a jail, and it is executed from a read-only
// mount: whatever a process of the jail does with /proc/self/exe (CVE-2019-5736), there is nothing
// to write to.
#include "host/linux/init/build_jail.hpp"
#include "host/linux/init/control.hpp"
#include "host/linux/message.hpp"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, with sigaction(2)
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace brig::host_linux {

namespace {

constexpr int kOwner = 3;

/// Nothing of the engine's but the socket: no descriptor, terminal, signal setting.
bool shed_inheritance() noexcept {
    // No process of the jail may look into ours, or into a child's before its execve(2).
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // Executed by its descriptor, it would bear the number of that as its name.
    ::prctl(PR_SET_NAME, "brig-init", 0, 0, 0);
    ::syscall(SYS_close_range, 3U, ~0U, 0U);
    ::setsid();
    ::umask(0);
    for (int number = 1; number < NSIG; ++number) {
        static_cast<void>(::signal(number, SIG_DFL));
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    return ::fcntl(0, F_DUPFD_CLOEXEC, kOwner) == kOwner;
}

bool receive_exactly(char* data, std::size_t size, ReceivedFds& fds) noexcept {
    while (size > 0) {
        const ssize_t received = receive_some(kOwner, {data, size}, fds);
        if (received < 0 && errno == EINTR) {
            continue;
        }
        if (received <= 0) {
            return false;
        }
        data += received;
        size -= static_cast<std::size_t>(received);
    }
    return true;
}

/// The plan's frame stays in memory: the plan points into it.
bool receive_plan(JailPlan& plan, ReceivedFds& fds) noexcept {
    FrameHeader header;
    if (!receive_exactly(reinterpret_cast<char*>(&header), sizeof(header), fds)
        || header.version != kProtocolVersion || header.type != FrameType::plan
        || header.size > kMaxFrameSize) {
        return false;
    }
    char* frame = static_cast<char*>(std::malloc(header.size));
    if (frame == nullptr || !receive_exactly(frame, header.size, fds)) {
        return false;
    }
    FrameReader reader{frame, header.size};
    return read_plan(reader, fds, plan);
}

/// What init still has as 0, 1 and 2 is the engine's.
bool replace_stdio(int null) noexcept {
    return ::dup2(null, 0) == 0 && ::dup2(null, 1) == 1 && ::dup2(null, 2) == 2;
}

/// The parts are made before the plan is waited for, beside what the engine has to do first.
bool construct(JailPlan& plan, JailParts& parts, ReceivedFds& fds, BuildReport& report) noexcept {
    const bool prepared = prepare_parts(parts, report);
    if (!receive_plan(plan, fds)) {
        ::_exit(EXIT_FAILURE);  // the owner is gone, or does not want this jail
    }
    return prepared && build_jail(plan, parts, report)
           && (replace_stdio(parts.null) || failed(report, "open the null device"));
}

int run() noexcept {
    JailPlan plan;
    JailParts parts;
    ReceivedFds fds;
    BuildReport report;
    if (!shed_inheritance()) {
        return EXIT_FAILURE;
    }
    const bool built = construct(plan, parts, fds, report);
    // It is init that listens, so that the kernel gives its pid to whoever connects.
    const bool listening = built
                           && (::listen(fds.fd[plan_listener], SOMAXCONN) == 0
                               || failed(report, "listen on the control socket"));
    if (send_all(kOwner, bytes_of(report)) != 0 || !listening) {
        return EXIT_FAILURE;
    }
    Control control{kOwner, fds.fd[plan_listener], plan, parts};
    control.run();
    end_all_processes();
    return EXIT_SUCCESS;
}

}  // namespace

}  // namespace brig::host_linux

int main() {
    constexpr int kNotExecutable = 126;
    if (::getpid() != 1) {
        constexpr char kMessage[] = "brig-init: brig starts this program, in a jail of its own\n";
        [[maybe_unused]] const ssize_t written = ::write(2, kMessage, sizeof(kMessage) - 1);
        return kNotExecutable;
    }
    return brig::host_linux::run();
}
