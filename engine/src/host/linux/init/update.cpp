// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/control.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace brig::host_linux {

int set_names(FrameReader& reader) noexcept {
    const auto header = reader.value<UpdateHeader>();
    const char* hostname = reader.string();
    const char* domainname = reader.string();
    utsname before = {};
    if (::uname(&before) != 0
        || (header.hostname != 0 && ::sethostname(hostname, std::strlen(hostname)) != 0)) {
        return errno;
    }
    if (header.domainname != 0 && ::setdomainname(domainname, std::strlen(domainname)) != 0) {
        const int error = errno;
        if (header.hostname != 0) {
            static_cast<void>(::sethostname(before.nodename, std::strlen(before.nodename)));
        }
        return error;
    }
    return 0;
}

}  // namespace brig::host_linux
