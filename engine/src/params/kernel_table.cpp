// SPDX-License-Identifier: BSD-2-Clause
// What `sysctl -d security.jail.param` says on FreeBSD 13.2 to 15.1, with the limits and defaults
// of its kern_jail.c, which the sysctl tree does not tell.
#include "params/builtin_catalogue.hpp"

#include <array>

namespace brig {

namespace {

using table::at_least;
using table::boolean;
using table::create_only;
using table::in_manual;
using table::integer;
using table::jailsys;
using table::key_value;
using table::new_or_inherit;
using table::of_type;
using table::Range;
using table::read_only;
using table::since;
using table::string;

constexpr std::int32_t kMostJails = 999999;  // JAIL_MAX
constexpr std::uint16_t kMetaBuffer = 4096;  // security.jail.meta_maxbufsize, unless changed

constexpr std::array kKernelParams{
    since(Release::freebsd_14, boolean("allow.adjtime", "false", "Jail may adjust system time")),
    boolean("allow.chflags", "false", "Jail may alter system file flags"),
    since(
        Release::freebsd_14,
        boolean(
            "allow.extattr", "false", "Jail may set system-level filesystem extended attributes")),
    boolean("allow.mlock", "false", "Jail may lock (unlock) physical pages in memory"),
    boolean("allow.mount", "false", "Jail may mount/unmount jail-friendly file systems in general"),
    boolean("allow.mount.devfs", "false", "Jail may mount the devfs file system"),
    boolean("allow.mount.fdescfs", "false", "Jail may mount the fdescfs file system"),
    boolean("allow.mount.fusefs", "false", "Jail may mount the fusefs file system"),
    boolean("allow.mount.linprocfs", "false", "Jail may mount the linprocfs file system"),
    boolean("allow.mount.linsysfs", "false", "Jail may mount the linsysfs file system"),
    boolean("allow.mount.nullfs", "false", "Jail may mount the nullfs file system"),
    boolean("allow.mount.procfs", "false", "Jail may mount the procfs file system"),
    boolean("allow.mount.tmpfs", "false", "Jail may mount the tmpfs file system"),
    boolean("allow.mount.zfs", "false", "Jail may mount the zfs file system"),
    since(Release::freebsd_14, boolean("allow.nfsd", "false", "Mountd/nfsd may run in the jail")),
    boolean("allow.quotas", "false", "Jail may set file quotas"),
    boolean("allow.raw_sockets", "false", "Jail may create raw sockets"),
    boolean("allow.read_msgbuf", "false", "Jail may read the kernel message buffer"),
    boolean("allow.reserved_ports", "true", "Jail may bind sockets to reserved ports"),
    since(Release::freebsd_15, boolean("allow.routing", "false", "Jail may modify routing table")),
    boolean("allow.set_hostname", "true", "Jail may set hostname"),
    since(Release::freebsd_15,
          boolean("allow.setaudit", "false", "Jail may set and get audit session state")),
    since(Release::freebsd_14, boolean("allow.settime", "false", "Jail may set system time")),
    boolean(
        "allow.socket_af", "false", "Jail may create sockets other than just UNIX/IPv4/IPv6/route"),
    boolean("allow.suser", "true", "Processes in jail with uid 0 have privilege"),
    boolean("allow.sysvipc", "false", "Jail may use SYSV IPC"),
    since(Release::freebsd_15,
          boolean("allow.unprivileged_parent_tampering",
                  "false",
                  "Unprivileged parent jail processes may tamper with same-uid processes "
                  "(signal/debug/cpuset)")),
    boolean("allow.unprivileged_proc_debug",
            "true",
            "Unprivileged processes may use process debugging facilities"),
    in_manual("vmm(4)", boolean("allow.vmm", "false", "Allow use of vmm in a jail")),
    since(Release::freebsd_15,
          in_manual(
              "vmm(4)",
              boolean("allow.vmm_ppt", "false", "Allow use of vmm with ppt devices in a jail"))),
    read_only(integer("children.cur", "0", Range{}, "Current number of child jails")),
    integer("children.max", "0", Range{0, kMostJails}, "Maximum number of child jails"),
    read_only(integer("cpuset.id", "", Range{}, "Jail cpuset ID")),
    integer("devfs_ruleset", "0", Range{0, 65535}, "Ruleset for in-jail devfs mounts"),
    read_only(boolean("dying", "false", "Jail is in the process of shutting down")),
    integer("enforce_statfs", "2", Range{0, 2}, "Jail cannot see all mounted file systems"),
    since(Release::freebsd_15,
          key_value("env", kMetaBuffer, "Jail meta information readable by the jail")),
    new_or_inherit(jailsys("host", "new", "Jail host info")),
    string("host.domainname", "", 256, "Jail NIS domainname"),
    of_type(ParamType::ulong, "host.hostid", "0", "Jail host ID"),
    string("host.hostname", "", 256, "Jail hostname"),
    string("host.hostuuid", "00000000-0000-0000-0000-000000000000", 64, "Jail host UUID"),
    create_only(jailsys("ip4", "disable", "Jail IPv4 address virtualization")),
    of_type(ParamType::ip4_list, "ip4.addr", "", "Jail IPv4 addresses"),
    boolean("ip4.saddrsel",
            "true",
            "Do (not) use IPv4 source address selection rather than the primary jail IPv4 "
            "address."),
    create_only(jailsys("ip6", "disable", "Jail IPv6 address virtualization")),
    of_type(ParamType::ip6_list, "ip6.addr", "", "Jail IPv6 addresses"),
    boolean("ip6.saddrsel",
            "true",
            "Do (not) use IPv6 source address selection rather than the primary jail IPv6 "
            "address."),
    create_only(integer("jid", "", at_least(0), "Jail ID")),
    in_manual("linux(4)", new_or_inherit(jailsys("linux", "new", "Jail Linux parameters"))),
    in_manual("linux(4)", string("linux.osname", "Linux", 65, "Jail Linux kernel OS name")),
    in_manual("linux(4)", string("linux.osrelease", "", 65, "Jail Linux kernel OS release")),
    in_manual("linux(4)", integer("linux.oss_version", "", Range{}, "Jail Linux OSS version")),
    since(Release::freebsd_15,
          in_manual("mac_do(4)", jailsys("mac.do", "", "Jail MAC/do parameters"))),
    since(Release::freebsd_15,
          in_manual("mac_do(4)", string("mac.do.rules", "", 1024, "Jail MAC/do rules"))),
    since(Release::freebsd_15,
          key_value("meta", kMetaBuffer, "Jail meta information hidden from the jail")),
    string("name", "", 256, "Jail name"),
    create_only(
        integer("osreldate", "", at_least(1), "Jail value for kern.osreldate and uname -K")),
    create_only(string("osrelease", "", 32, "Jail value for kern.osrelease and uname -r")),
    read_only(integer("parent", "", Range{}, "Jail parent ID")),
    create_only(string("path", "", 1024, "Jail root path")),
    boolean("persist", "false", "Jail persistence"),
    integer("securelevel", "-1", Range{-1, 3}, "Jail secure level"),
    jailsys("sysvmsg", "disable", "SYSV message queues"),
    jailsys("sysvsem", "disable", "SYSV semaphores"),
    jailsys("sysvshm", "disable", "SYSV shared memory"),
    create_only(new_or_inherit(jailsys("vnet", "inherit", "Virtual network stack"))),
    in_manual("zfs-jail(8)", new_or_inherit(jailsys("zfs", "new", "Jail ZFS parameters"))),
    in_manual("zfs-jail(8)",
              integer("zfs.mount_snapshot",
                      "0",
                      Range{0, 1},
                      "Allow mounting snapshots in the .zfs directory for unjailed datasets")),
};

constexpr auto kPackedKernel = table::pack<kKernelParams>();

}  // namespace

table::Table kernel_table() noexcept {
    return {kPackedKernel, ParamPerformer::kernel};
}

}  // namespace brig
