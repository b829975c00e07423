// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/linux/protocol.hpp"

#include <cstdint>
#include <string_view>

/// The construction of a jail by the process that becomes its init: from a copy of the host's
/// mounts to a root with nothing else in it, with capabilities and system calls reduced.
namespace brig::host_linux {

/// One mount of the plan, while it is being made.
struct MountOrder {
    MountKind kind = MountKind::directory;
    std::uint64_t attributes = 0;
    const char* source = "";  ///< directory: a path on the host; memory: mount options
    const char* target = "";
    int tree = -1;  ///< directory: the source as a detached mount
};

/// What to build. Points into the frame it was read from.
struct JailPlan {
    const char* root = "";
    const char* hostname = "";
    const char* domainname = "";
    PlanFlags flags;
    MountOrder* mounts = nullptr;  ///< flags.mount_count of them
    std::string_view record;       ///< the engine's; kept and given back
};

/// What the jail's construction leaves to its init.
struct JailParts {
    int null = -1;         ///< a /dev/null of the jail's own
    int terminals = -1;    ///< the jail's devpts, where it has a /dev
    int hidden_tree = -1;  ///< where it has none: the file system of `null`, a detached mount
};

/// Notes in `report` what has just failed with errno; always false, for use in a return.
bool failed(BuildReport& report, const char* step, const char* subject = "") noexcept;

/// Reads a plan from a frame; false when it is malformed.
bool read_plan(FrameReader& reader, JailPlan& plan) noexcept;

/// Builds the jail in the calling process's namespaces, which must be new ones.
/// @return false with `report` filled in.
bool build_jail(JailPlan& plan, JailParts& parts, BuildReport& report) noexcept;

// Its parts, in the order in which they happen.

/// The hostname, and the namespaces that the jail's root may administer.
bool set_up_namespaces(const JailPlan& plan, BuildReport& report) noexcept;

/// Makes the plan's root the root of the mount namespace, and everything else unreachable.
bool enter_root(const JailPlan& plan, BuildReport& report) noexcept;

/// Takes hold of the directories to be mounted, while the host can still be seen.
bool open_sources(const JailPlan& plan, BuildReport& report) noexcept;

/// Performs the plan's mounts inside the new root.
bool mount_all(const JailPlan& plan, JailParts& parts, BuildReport& report) noexcept;

/// Makes a mount's target the working directory, so that it can be mounted at "." without another
/// look at its path. The root may be hostile: a symbolic link on the way is refused (ELOOP).
bool enter_target(const char* target) noexcept;

/// Mounts a tmpfs with the few devices that a jail sees on the working directory `target`; compare
/// devfs_rules_jail in devfs.rules(5).
bool mount_devices(const char* target, JailParts& parts, BuildReport& report) noexcept;

/// A null device in a file system that nobody sees. The host's own would be the host's inode: the
/// jail's root could change its mode.
bool make_hidden_null(JailParts& parts, BuildReport& report) noexcept;

/// Takes away or makes read-only what concerns the host in the procfs on the working directory.
bool mask_processes(const JailParts& parts, BuildReport& report) noexcept;

/// Takes away what no process of the jail shall have.
bool restrict_privileges(const PlanFlags& flags, BuildReport& report) noexcept;

}  // namespace brig::host_linux
