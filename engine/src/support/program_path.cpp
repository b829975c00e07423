// SPDX-License-Identifier: BSD-2-Clause
#include "support/program_path.hpp"

#include "support/check.hpp"

#ifdef __FreeBSD__
#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/types.h>
#else
#include <unistd.h>
#endif

#include <array>
#include <climits>
#include <cstddef>

namespace brig {

#ifdef __FreeBSD__

std::filesystem::path program_path() {
    // -1 is the calling process; procfs need not be mounted. See sysctl(3).
    const std::array<int, 4> query{CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, -1};
    std::array<char, PATH_MAX> path{};
    std::size_t length = path.size();
    check(::sysctl(query.data(), query.size(), path.data(), &length, nullptr, 0),
          "find the path of the running program");
    return path.data();
}

#else

std::filesystem::path program_path() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length =
        check(::readlink("/proc/self/exe", path.data(), path.size()), "read /proc/self/exe");
    return std::filesystem::path{path.begin(), path.begin() + length};
}

#endif

}  // namespace brig
