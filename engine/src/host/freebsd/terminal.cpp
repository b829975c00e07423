// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/terminal.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <stdlib.h>

#include <array>

namespace brig::freebsd {

Terminal open_terminal() {
    Terminal terminal;
    terminal.master.reset(
        check(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "open a pseudo-terminal"));
    // grantpt(3) and unlockpt(3) have nothing to do on FreeBSD.
    std::array<char, 64> name{};
    check(::ptsname_r(terminal.master.get(), name.data(), name.size()), "name a pseudo-terminal");
    terminal.slave.reset(
        check(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC), "open {}", name.data()));
    return terminal;
}

}  // namespace brig::freebsd
