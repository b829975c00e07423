// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/confine.hpp"

#include "support/check.hpp"

#include <unistd.h>

namespace brig::archive {

void confine(const std::string& root, Work work) {
    check(::chdir(root.c_str()), "enter {}", root);
    check(::chroot("."), "make {} the root of brig-archive", root);
    give_up_privileges(work);
}

}  // namespace brig::archive
