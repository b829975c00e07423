// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/confine.hpp"

namespace brig::archive {

void give_up_privileges(Work /*work*/) {
    // Root's privileges are not divisible here: the chroot(2) is the confinement. capsicum(4) would
    // forbid mknod and chflags.
}

bool keeps_file_flags() noexcept {
    return true;
}

}  // namespace brig::archive
