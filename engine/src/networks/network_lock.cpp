// SPDX-License-Identifier: BSD-2-Clause
#include "networks/network_lock.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace brig {

UniqueFd lock_networks(const Context& context, NetworkUse use) {
    const std::filesystem::path file = context.run.path() / "networks.lock";
    UniqueFd fd{check(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR),
                      "open {}",
                      file.native())};
    int result = -1;
    do {
        result = ::flock(fd.get(), use == NetworkUse::attach ? LOCK_SH : LOCK_EX);
    } while (result < 0 && errno == EINTR);
    check(result, "lock {}", file.native());
    return fd;
}

}  // namespace brig
