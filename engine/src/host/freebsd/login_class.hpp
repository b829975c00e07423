// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

#include <sys/resource.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace brig::freebsd {

/// What login.conf(5) gives to the processes of a user: setusercontext(3)'s work, taken apart,
/// because it may not be done between fork(2) and execve(2).
struct LoginClass {
    struct Limit {
        int resource = 0;
        rlimit value{};
    };

    std::string name;
    std::vector<Limit> limits;
    mode_t umask = 022;
    std::vector<std::string> environment;  ///< "NAME=value"
};

/// Where a user's class is looked up. Both read the host's login.conf: a container's own could
/// raise its limits.
enum class UserOf {
    host,      ///< the class in the host's passwd(5)
    container  ///< `root` for uid 0, else `default`
};

[[nodiscard]] LoginClass login_class_of(const Credentials& credentials, UserOf whose);

}  // namespace brig::freebsd
