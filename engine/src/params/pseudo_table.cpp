// SPDX-License-Identifier: BSD-2-Clause
// jail(8), "Pseudo-parameters" in their order there; the defaults are those of a brig container.
#include "params/builtin_catalogue.hpp"

#include <array>

namespace brig {

namespace {

using table::at_least;
using table::boolean;
using table::in_manual;
using table::integer;
using table::Range;
using table::recorded;
using table::since;
using table::string;
using table::string_list;

constexpr std::int32_t kMostRoutingTables = 65536;  // RT_MAXFIBS
constexpr std::size_t kInterfaceName = 16;          // IFNAMSIZ

constexpr std::array kPseudoParams{
    string_list("exec.prepare", "", "Commands on the host before anything is set up"),
    string_list("exec.prestart", "", "Commands on the host before the jail is created"),
    string_list("exec.created", "", "Commands on the host right after the jail is created"),
    string_list("exec.start", "", "Commands in the jail before its command"),
    string_list("command", "", "The command that the container runs"),
    string_list("exec.poststart", "", "Commands on the host after the command has started"),
    string_list("exec.prestop", "", "Commands on the host before the jail is stopped"),
    string_list("exec.stop", "/bin/sh /etc/rc.shutdown", "Commands in the jail that stop it"),
    string_list("exec.poststop", "", "Commands on the host after the jail is removed"),
    string_list("exec.release", "", "Commands on the host after everything is taken down"),
    boolean("exec.clean", "true", "Commands in the jail start with a clean environment"),
    string("exec.jail_user", "root", 0, "User who runs commands in the jail"),
    boolean("exec.system_jail_user", "false", "Look exec.jail_user up on the host"),
    string("exec.system_user", "", 0, "User who runs commands on the host"),
    integer("exec.timeout", "0", at_least(0), "Seconds a hook may take; 0: no limit"),
    string("exec.consolelog", "", 0, "File on the host for the output of commands"),
    integer(
        "exec.fib", "", Range{0, kMostRoutingTables - 1}, "Routing table of commands in the jail"),
    integer("stop.timeout", "10", at_least(0), "Seconds between SIGTERM and removal; 0: none"),
    string("interface",
           "",
           kInterfaceName,
           "Host interface that gets the jail's addresses as aliases"),
    string_list("vnet.interface", "", "Host interfaces that move into the vnet jail"),
    boolean("ip_hostname", "false", "Add the addresses that host.hostname resolves to"),
    string_list("mount", "", "File systems to mount, as lines of fstab(5)"),
    string_list("mount.fstab", "", "Files of mounts, in the format of fstab(5)"),
    boolean("mount.devfs", "true", "Mount devfs on the jail's /dev"),
    boolean("mount.fdescfs", "false", "Mount fdescfs on the jail's /dev/fd"),
    boolean("mount.procfs", "false", "Mount procfs on the jail's /proc"),
    in_manual("zfs-jail(8)",
              since(Release::freebsd_14,
                    string_list("zfs.dataset", "", "ZFS datasets to attach to the jail"))),
    string_list("depend", "", "Containers that must run before and while this one does"),
    // Dying jails have not been special since FreeBSD 9.
    recorded(boolean("allow.dying", "false", "No effect")),
};

constexpr auto kPackedPseudo = table::pack<kPseudoParams>();

}  // namespace

table::Table pseudo_table() noexcept {
    return {kPackedPseudo, ParamPerformer::engine};
}

}  // namespace brig
