// SPDX-License-Identifier: BSD-2-Clause
#include "support/check.hpp"
#include "support/end_with_parent.hpp"

#include <sys/procctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace brig {

void end_with_parent(pid_t parent) {
    int number = SIGKILL;
    check(::procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &number), "be ended with the parent");
    if (::getppid() != parent) {
        ::_exit(EXIT_FAILURE);
    }
}

}  // namespace brig
