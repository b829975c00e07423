// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/frame_writer.hpp"
#include "host/linux/host_linux.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <utility>

namespace brig::host_linux {

namespace {

/// A master of the jail's own devpts, or nothing where the jail has no /dev.
UniqueFd ask_for_master(const Jail& jail) {
    auto reply = connect_to(jail).ask(FrameWriter{FrameType::open_terminal}.finish());
    const auto answer = FrameReader{reply.payload.data(), reply.payload.size()}.value<Answer>();
    if (answer.error != 0 && answer.error != ENOENT) {
        throw_system_error(answer.error, fmt::format("open a terminal in jail '{}'", jail.name));
    }
    return std::move(reply.fd);
}

/// Init opened it, in a file system where the jail cannot put anything; but what came from a
/// jail is looked at before it is used.
void require_master(int fd) {
    struct stat status = {};
    unsigned number = 0;
    check(::fstat(fd, &status), "look at the terminal of a jail");
    if (!S_ISCHR(status.st_mode) || status.st_rdev != ::makedev(5, 2)
        || ::ioctl(fd, TIOCGPTN, &number) != 0) {
        throw Error{ErrorCode::internal, "the jail's init did not open a pseudo-terminal"};
    }
}

}  // namespace

Terminal LinuxHost::open_terminal(const Jail& jail) {
    Terminal terminal{ask_for_master(jail), {}};
    if (!terminal.master) {
        terminal.master.reset(
            check(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), "open /dev/ptmx"));
    }
    require_master(terminal.master.get());
    const int unlocked = 0;
    check(::ioctl(terminal.master.get(), TIOCSPTLCK, &unlocked), "unlock the pseudo-terminal");
    // By descriptor: the name of the other end means something only where it is mounted.
    terminal.slave.reset(
        check(::ioctl(terminal.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
              "open the other end of the pseudo-terminal"));
    return terminal;
}

}  // namespace brig::host_linux
