// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/host/keeper.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill(2) is POSIX, not C++
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>

namespace brig::isolation {

namespace {

/// Readable when the process has ended; -1, which poll(2) passes over, when it had already.
UniqueFd open_process(pid_t process) {
    return UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))};
}

/// The parent of a process as proc(5) has it, behind the name, which may contain anything; 0 when
/// the process is gone.
pid_t parent_of(const std::filesystem::path& process) {
    std::ifstream file{process / "stat"};
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(") ");
    pid_t parent = 0;
    if (name_end != std::string::npos && line.size() > name_end + 4) {
        std::from_chars(line.data() + name_end + 4, line.data() + line.size(), parent);
    }
    return parent;
}

}  // namespace

void adopt_orphans() {
    check(::prctl(PR_SET_CHILD_SUBREAPER, 1), "become the parent of orphans");
}

void wait_for_end(pid_t engine, pid_t worker) {
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    const UniqueFd signals{check(::signalfd(-1, &term, SFD_CLOEXEC), "watch for SIGTERM")};
    const UniqueFd engine_end = open_process(engine);
    const UniqueFd worker_end = open_process(worker);
    if (!engine_end || !worker_end || ::getppid() != engine) {
        return;
    }
    std::array<pollfd, 3> ends{pollfd{signals.get(), POLLIN, 0},
                               pollfd{engine_end.get(), POLLIN, 0},
                               pollfd{worker_end.get(), POLLIN, 0}};
    while (::poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) {}
}

void kill_children() {
    const pid_t self = ::getpid();
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc", ignored}) {
        const std::string name = entry.path().filename().string();
        pid_t process = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), process);
        if (error == std::errc{} && end == name.data() + name.size()
            && parent_of(entry.path()) == self) {
            ::kill(process, SIGKILL);
        }
    }
}

}  // namespace brig::isolation
