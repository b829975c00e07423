// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/enforcement.hpp"

#include <algorithm>
#include <array>

namespace brig::host_linux {

namespace {

/// A name, or with a final dot all names that begin with it.
constexpr auto kRecorded = std::to_array<std::string_view>({
    // Types that Linux does not have, or not for a jail.
    "allow.mount.devfs",
    "allow.mount.fdescfs",
    "allow.mount.fusefs",
    "allow.mount.linsysfs",
    "allow.mount.zfs",
    "allow.quotas",
    // FreeBSD's own facilities.
    "allow.extattr",
    "allow.nfsd",
    "allow.setaudit",
    "allow.unprivileged_parent_tampering",
    "allow.vmm",
    "allow.vmm_ppt",
    "mac.do",
    "mac.do.rules",
    "children.max",
    "devfs_ruleset",
    "securelevel",
    "zfs",
    "zfs.",
    // The kernel has one version and one Linux personality.
    "linux",
    "linux.",
    "osreldate",
    "osrelease",
    // There is no such number of a UTS namespace.
    "host.hostid",
    "host.hostuuid",
    // ptrace(2) is limited by the pid namespace; there is no switch for those without privilege.
    "allow.unprivileged_proc_debug",
    // A jail sees its own mounts only, always.
    "enforce_statfs",
    // What a jail leaves open leaves from its first address.
    "ip4.saddrsel",
    "ip6.saddrsel",
    "cpuset.id",
    // CAP_NET_ADMIN over the host's stack would be all of it, not its routes alone.
    "allow.routing",
    // Kept, but no process inside can read it.
    "env",
    // A routing table is chosen by rules of the stack, not by processes.
    "exec.fib",
});

bool is_recorded(std::string_view name) {
    return std::any_of(kRecorded.begin(), kRecorded.end(), [&](std::string_view entry) {
        return entry.ends_with('.') ? name.starts_with(entry) : name == entry;
    });
}

}  // namespace

void limit_to_linux(std::string_view name, ParamRule& rule) {
    if (name == "zfs.dataset") {
        rule.enforcement = Enforcement::refused;
        rule.refusal = "ZFS delegates datasets to jails of FreeBSD only";
    } else if (is_recorded(name)) {
        rule.enforcement = Enforcement::recorded;
    }
}

}  // namespace brig::host_linux
