// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/privilege.hpp"

#include "brig/error.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace brig::host_linux {

namespace {

bool has_capability(unsigned capability) {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    ::syscall(SYS_capget, &header, data.data());
    return ((data.at(capability / 32).effective >> (capability % 32)) & 1U) != 0;
}

struct NeededCapability {
    unsigned capability;
    const char* name;
};

constexpr std::array kNeeded{
    NeededCapability{CAP_SYS_ADMIN, "CAP_SYS_ADMIN (mounts and namespaces)"},
    NeededCapability{CAP_MKNOD, "CAP_MKNOD (the devices of a jail)"},
    NeededCapability{CAP_SETPCAP, "CAP_SETPCAP (to reduce a jail's capabilities)"},
    NeededCapability{CAP_NET_ADMIN, "CAP_NET_ADMIN (a jail's loopback interface)"},
    NeededCapability{CAP_SETUID, "CAP_SETUID"},
    NeededCapability{CAP_SETGID, "CAP_SETGID"},
    NeededCapability{CAP_KILL, "CAP_KILL"},
};

}  // namespace

void require_root() {
    if (::geteuid() != 0) {
        throw Error{ErrorCode::permission, "only root can make jails"}.with_hint(
            "run brig as root, for example with sudo");
    }
    for (const NeededCapability& needed : kNeeded) {
        if (!has_capability(needed.capability)) {
            throw Error{ErrorCode::permission,
                        std::string{"this process is root but lacks "} + needed.name}
                .with_hint(
                    "it seems to run in a container: that needs --privileged, or the capability "
                    "added and its seccomp and AppArmor profiles off");
        }
    }
}

void explain_refusal(int error) {
    if (error == EPERM) {
        require_root();
        throw Error{ErrorCode::permission,
                    "a security policy (seccomp or an LSM) refuses new namespaces to this process",
                    {error, std::generic_category()}}
            .with_hint("in a container: start it with --privileged or seccomp=unconfined");
    }
    if (error == ENOSPC) {
        throw Error{ErrorCode::permission,
                    "the limit of namespaces is reached",
                    {error, std::generic_category()}}
            .with_hint("raise the sysctls user.max_*_namespaces");
    }
    if (error == EINVAL) {
        throw Error{ErrorCode::unsupported,
                    "this kernel was built without a kind of namespace that jails need",
                    {error, std::generic_category()}};
    }
}

}  // namespace brig::host_linux
