// SPDX-License-Identifier: BSD-2-Clause
#include "support/check.hpp"
#include "support/end_with_parent.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace brig {

void end_with_parent(pid_t parent) {
    check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "be ended with the parent");
    if (::getppid() != parent) {
        ::_exit(EXIT_FAILURE);
    }
}

}  // namespace brig
