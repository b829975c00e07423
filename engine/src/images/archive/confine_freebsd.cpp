// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/confine.hpp"
#include "support/check.hpp"

#include <sys/procctl.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>

namespace brig::archive {

void give_up_privileges(Work /*work*/) {
    // Root's privileges are not divisible here: the chroot(2) is the confinement. capsicum(4) would
    // forbid mknod and chflags.
    int signal = SIGKILL;
    check(::procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &signal), "set the parent death signal");
}

bool keeps_file_flags() noexcept {
    return true;
}

}  // namespace brig::archive
