// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/sysctl.hpp"

#include "support/check.hpp"

#include <sys/sysctl.h>
#include <sys/types.h>

namespace brig::freebsd {

std::string sysctl_bytes(const std::vector<int>& oid, const std::string& what) {
    const auto depth = static_cast<u_int>(oid.size());
    for (;;) {
        std::size_t size = 0;
        check(::sysctl(oid.data(), depth, nullptr, &size, nullptr, 0), "read sysctl {}", what);
        // What grows between the two calls (the process table) must fit, or we ask again.
        std::string bytes(size + size / 4 + 1, '\0');
        size = bytes.size();
        if (::sysctl(oid.data(), depth, bytes.data(), &size, nullptr, 0) == 0) {
            bytes.resize(size);
            return bytes;
        }
        if (errno != ENOMEM) {
            check(-1, "read sysctl {}", what);
        }
    }
}

std::string text_in(const std::string& bytes) {
    return bytes.substr(0, bytes.find('\0'));
}

std::vector<int> sysctl_oid(const std::string& name) {
    std::vector<int> oid(CTL_MAXNAME);
    std::size_t depth = oid.size();
    check(::sysctlnametomib(name.c_str(), oid.data(), &depth), "find sysctl {}", name);
    oid.resize(depth);
    return oid;
}

std::string sysctl_string(const std::string& name) {
    return text_in(sysctl_bytes(sysctl_oid(name), name));
}

int sysctl_int(const std::string& name) {
    int value = 0;
    std::size_t size = sizeof value;
    check(::sysctlbyname(name.c_str(), &value, &size, nullptr, 0), "read sysctl {}", name);
    return value;
}

}  // namespace brig::freebsd
