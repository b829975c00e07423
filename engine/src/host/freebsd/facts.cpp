// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/facts.hpp"

#include "brig/error.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "host/freebsd/sysctl.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <cerrno>

namespace brig::freebsd {

namespace {

/// Random and drawn once a boot; kern.boottime would move whenever the clock is set.
std::string read_boot_id() {
    std::string text;
    for (const char byte : sysctl_bytes(sysctl_oid("kern.boot_id"), "kern.boot_id")) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return text;
}

/// A jail without children.max may not even ask; anybody else is told that a jail that neither
/// persists nor is attached to cannot be. There is no sysctl that says it.
bool may_create_jails() {
    return ::jail_set(nullptr, 0, JAIL_CREATE) >= 0 || errno != EPERM;
}

}  // namespace

HostFacts read_facts() {
    return HostFacts{"freebsd", sysctl_string("kern.osrelease"), read_boot_id()};
}

void require_privilege() {
    if (::geteuid() != 0) {
        throw Error{ErrorCode::permission, "only root may create jails"}.with_hint(
            "run brig as root, for example with doas(1) or sudo(8)");
    }
    if (!may_create_jails()) {
        throw Error{ErrorCode::permission,
                    "this process is in a jail that may not have jails of its own"}
            .with_hint(
                "set children.max of this jail on its host, see jail(8), "
                "\"Hierarchical Jails\"");
    }
}

}  // namespace brig::freebsd
