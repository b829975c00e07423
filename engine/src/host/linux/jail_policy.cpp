// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/jail_policy.hpp"

#include "brig/error.hpp"
#include "host/linux/restrictions.hpp"

#include <fmt/core.h>

#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace brig::host_linux {

namespace {

constexpr std::uint64_t bit(unsigned capability) {
    return std::uint64_t{1} << capability;
}

/// What prison_priv_check(9) grants the root of a FreeBSD jail, in Linux's terms. Not among them,
/// although FreeBSD has them: CAP_SYS_PTRACE and CAP_SYS_RESOURCE, which reach further here.
constexpr std::uint64_t kJailedRoot = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER)
                                      | bit(CAP_FSETID) | bit(CAP_KILL) | bit(CAP_SETGID)
                                      | bit(CAP_SETUID) | bit(CAP_SETPCAP) | bit(CAP_SETFCAP)
                                      | bit(CAP_SYS_CHROOT) | bit(CAP_IPC_OWNER);

std::string_view text_of(const ParamList& params, std::string_view name, std::string_view absent) {
    const Param* param = find_param(params, name);
    return param == nullptr || param->values.empty() ? absent : param->values.front();
}

bool is_allowed(const ParamList& params, std::string_view name, bool by_default = false) {
    return text_of(params, name, by_default ? "true" : "false") == "true";
}

struct OptionalCapability {
    const char* param;
    unsigned capability;
    bool by_default;  ///< as the FreeBSD kernel has it
};

constexpr std::array kOptionalCapabilities{
    OptionalCapability{"allow.adjtime", CAP_SYS_TIME, false},
    OptionalCapability{"allow.chflags", CAP_LINUX_IMMUTABLE, false},
    OptionalCapability{"allow.mlock", CAP_IPC_LOCK, false},
    OptionalCapability{"allow.raw_sockets", CAP_NET_RAW, false},
    OptionalCapability{"allow.read_msgbuf", CAP_SYSLOG, false},
    OptionalCapability{"allow.reserved_ports", CAP_NET_BIND_SERVICE, true},
    OptionalCapability{"allow.settime", CAP_SYS_TIME, false},
};

std::uint64_t capabilities_of(const ParamList& params) {
    if (!is_allowed(params, "allow.suser", true)) {
        return 0;
    }
    std::uint64_t capabilities = kJailedRoot;
    for (const OptionalCapability& optional : kOptionalCapabilities) {
        if (is_allowed(params, optional.param, optional.by_default)) {
            capabilities |= bit(optional.capability);
        }
    }
    return capabilities;
}

/// Whether the jail uses a protocol of the host's stack: with all addresses, or with those that it
/// is restricted to by its control group (address_restriction.hpp).
bool uses_hosts(const ParamList& params, std::string_view mode, std::string_view addresses) {
    return find_param(params, addresses) == nullptr ? text_of(params, mode, "disable") == "inherit"
                                                    : !text_of(params, addresses, "").empty();
}

/// The stack of the host, an own one that the jail's root administers, or an own one with
/// nothing but lo.
void decide_network(const ParamList& params, JailPolicy& policy) {
    PlanFlags& flags = policy.flags;
    const bool vnet = text_of(params, "vnet", "inherit") == "new";
    const bool inet = uses_hosts(params, "ip4", "ip4.addr");
    const bool inet6 = uses_hosts(params, "ip6", "ip6.addr");
    if (!vnet) {
        flags.restrictions |= no_packet;
        flags.restrictions |= is_allowed(params, "allow.raw_sockets") ? 0U : no_raw_inet;
    }
    if (!vnet && (inet || inet6)) {
        flags.shared_network = 1;
        flags.restrictions |= (inet ? 0U : no_inet) | (inet6 ? 0U : no_inet6);
        return;
    }
    flags.loopback = 1;
    if (vnet && flags.capabilities != 0) {
        flags.root_owned_network = 1;
        // For programs with file capabilities, as ping(8) often has them; root has no need of it.
        flags.capabilities |= bit(CAP_NET_RAW);
    } else {
        policy.flags.namespaces |= CLONE_NEWNET;
    }
}

void decide_hostname(const ParamList& params, JailPolicy& policy) {
    if (text_of(params, "host", "new") == "inherit") {
        return;
    }
    policy.flags.private_hostname = 1;
    policy.hostname = text_of(params, "host.hostname", "");
    policy.domainname = text_of(params, "host.domainname", "");
    if (is_allowed(params, "allow.set_hostname", true) && policy.flags.capabilities != 0) {
        policy.flags.root_owned_hostname = 1;
    } else {
        policy.flags.namespaces |= CLONE_NEWUTS;
    }
}

void decide_ipc(const ParamList& params, JailPolicy& policy) {
    // Also for `inherit`: the IPC objects of the host are no business of a jail.
    policy.flags.namespaces |= CLONE_NEWIPC;
    if (is_allowed(params, "allow.sysvipc")) {
        return;
    }
    const auto restrict = [&](std::string_view name, Restriction restriction) {
        policy.flags.restrictions |=
            text_of(params, name, "disable") == "disable" ? restriction : 0U;
    };
    restrict("sysvmsg", no_sysvmsg);
    restrict("sysvsem", no_sysvsem);
    restrict("sysvshm", no_sysvshm);
}

struct OptionalMount {
    const char* param;
    MayMount type;
};

constexpr std::array kOptionalMounts{
    OptionalMount{"allow.mount.linprocfs", may_mount_procfs},
    OptionalMount{"allow.mount.nullfs", may_mount_nullfs},
    OptionalMount{"allow.mount.procfs", may_mount_procfs},
    OptionalMount{"allow.mount.tmpfs", may_mount_tmpfs},
};

/// jail(8): allow.mount is effective with enforce_statfs below 2 only, and then for the types
/// that are allowed as well.
void decide_mounts(const ParamList& params, JailPolicy& policy) {
    const bool allowed = is_allowed(params, "allow.mount") && policy.flags.capabilities != 0
                         && text_of(params, "enforce_statfs", "2") != "2";
    for (const OptionalMount& optional : kOptionalMounts) {
        if (allowed && is_allowed(params, optional.param)) {
            policy.flags.may_mount |= optional.type;
        }
    }
    policy.flags.restrictions |= policy.flags.may_mount == 0 ? no_mount : 0U;
}

struct MountWord {
    std::string_view word;
    MountKind kind;
};

constexpr std::array kMountTypes{
    MountWord{"devfs", MountKind::devices},
    MountWord{"procfs", MountKind::processes},
    MountWord{"linprocfs", MountKind::processes},
    MountWord{"tmpfs", MountKind::memory},
    MountWord{"nullfs", MountKind::directory},
    MountWord{"fdescfs", MountKind::descriptors},
};

MountKind kind_of(const Mount& mount) {
    const auto* found = std::find_if(kMountTypes.begin(),
                                     kMountTypes.end(),
                                     [&](const auto& entry) { return entry.word == mount.type; });
    if (found == kMountTypes.end()) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("mount on '{}': file system type '{}' is not available on Linux",
                                mount.target,
                                mount.type)}
            .with_hint("there are devfs, fdescfs, nullfs, procfs and tmpfs");
    }
    return found->kind;
}

struct AttributeWord {
    std::string_view word;
    std::uint64_t attribute;
};

constexpr std::array kAttributes{
    AttributeWord{"ro", MOUNT_ATTR_RDONLY},
    AttributeWord{"rdonly", MOUNT_ATTR_RDONLY},
    AttributeWord{"rw", 0},
    AttributeWord{"nosuid", MOUNT_ATTR_NOSUID},
    AttributeWord{"noexec", MOUNT_ATTR_NOEXEC},
    AttributeWord{"noatime", MOUNT_ATTR_NOATIME},
};

/// tmpfs(5)'s options that mean the same on both systems. A value with a comma would be another
/// option for mount(2).
bool is_tmpfs_option(std::string_view option) {
    constexpr std::array kNames{"size=", "mode=", "uid=", "gid="};
    return option.find(',') == std::string_view::npos
           && std::any_of(kNames.begin(), kNames.end(), [&](const char* name) {
                  return option.starts_with(name);
              });
}

void add_option(const Mount& mount, const std::string& option, PlannedMount& planned) {
    for (const AttributeWord& entry : kAttributes) {
        if (entry.word == option) {
            planned.plan.attributes |= entry.attribute;
            return;
        }
    }
    const MountKind kind = planned.plan.kind;
    if (kind == MountKind::memory && is_tmpfs_option(option)) {
        planned.source += (planned.source.empty() ? "" : ",") + option;
        return;
    }
    // A ruleset hides devices, of which there are but a few harmless ones here.
    if (kind == MountKind::devices && option.starts_with("ruleset=")) {
        return;
    }
    throw Error{
        ErrorCode::unsupported,
        fmt::format("mount {} on '{}': unknown option '{}'", mount.type, mount.target, option)}
        .with_hint(
            "on Linux: ro, rw, nosuid, noexec, noatime; for tmpfs also size, mode, uid, gid");
}

}  // namespace

JailPolicy make_policy(const ParamList& params) {
    JailPolicy policy;
    policy.flags.capabilities = capabilities_of(params);
    decide_network(params, policy);
    decide_hostname(params, policy);
    decide_ipc(params, policy);
    decide_mounts(params, policy);
    policy.flags.restrictions |= is_allowed(params, "allow.socket_af") ? 0U : no_other_af;
    policy.flags.restrictions |= is_allowed(params, "allow.read_msgbuf") ? 0U : no_msgbuf;
    policy.flags.restrictions |= is_allowed(params, "allow.chflags") ? 0U : no_chflags;
    policy.flags.restrictions |= is_allowed(params, "allow.settime") ? 0U : no_settime;
    return policy;
}

PlannedMount plan_mount(const Mount& mount) {
    PlannedMount planned;
    planned.plan.kind = kind_of(mount);
    if (mount.target.find_first_not_of("/.") == std::string::npos) {
        // It would lie over the root, and nobody in the jail would come to it.
        throw Error{ErrorCode::unsupported,
                    fmt::format("mount {} on '{}': Linux cannot mount on the root of a jail",
                                mount.type,
                                mount.target)};
    }
    planned.target = mount.target;
    planned.plan.make_target = mount.make_target ? 1 : 0;
    if (planned.plan.kind == MountKind::directory) {
        planned.source = mount.source;
    }
    for (const std::string& option : mount.options) {
        add_option(mount, option, planned);
    }
    return planned;
}

}  // namespace brig::host_linux
