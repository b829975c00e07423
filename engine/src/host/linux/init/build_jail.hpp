// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/linux/message.hpp"
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
    int tree = -1;  ///< directory: a detached mount, of a file perhaps
    bool make_target = false;
};

/// What to build. Points into the frame it was read from.
struct JailPlan {
    const char* root = "";  ///< its path on the host, for messages
    int root_tree = -1;     ///< a detached mount
    const char* hostname = "";
    const char* domainname = "";
    PlanFlags flags;
    MountOrder* mounts = nullptr;  ///< flags.mount_count of them
    std::string_view record;       ///< the engine's; kept and given back
    int mount_requests = -1;       ///< where the jail's root asks for mounts, if it may
};

/// What is made before there is a plan, since nearly every jail has it.
struct JailParts {
    int devices = -1;    ///< a devfs, a detached mount
    int processes = -1;  ///< a procfs, likewise
    int null = -1;       ///< the devfs's null device, open
    int terminals = -1;  ///< the devpts in the devfs
    int hostname = -1;  ///< a UTS namespace that the jail's root may name; -1 if none could be made
};

/// Notes in `report` what has just failed with errno; always false, for use in a return.
bool failed(BuildReport& report, const char* step, const char* subject = "") noexcept;

/// Makes the parts, in a mount namespace of the calling process's own.
/// @return false with `report` filled in.
bool prepare_parts(JailParts& parts, BuildReport& report) noexcept;

/// Reads a plan from a frame and the descriptors that came with it; false when it is malformed.
bool read_plan(FrameReader& reader, const ReceivedFds& fds, JailPlan& plan) noexcept;

/// Builds the jail around the calling process, which is the first of a pid namespace.
/// @return false with `report` filled in.
bool build_jail(JailPlan& plan, const JailParts& parts, BuildReport& report) noexcept;

// Their parts, in the order in which they happen.

/// A mount namespace of which nothing shows on the host.
bool leave_mounts_of_host(BuildReport& report) noexcept;

/// A UTS namespace for a jail whose root may set the host name; -1 if that cannot be made.
int make_hostname_namespace() noexcept;

/// Mounts a tmpfs on /dev, with the few devices that a jail sees; compare devfs_rules_jail in
/// devfs.rules(5).
bool make_devices(JailParts& parts, BuildReport& report) noexcept;

/// Mounts a procfs on /proc, with what concerns the host taken away. `null` is in an attached
/// mount.
bool make_processes(int null, BuildReport& report) noexcept;

/// What is mounted at `path`, with all below, once more as a detached mount. The first one goes
/// with the rest of the host's mounts, all at once: each unmounting by itself waits for the kernel.
/// @return -1 with errno when that failed.
int copy_mount(const char* path) noexcept;

/// The namespaces but those of pids and mounts, the host name, and what the jail's root may
/// administer.
bool set_up_namespaces(const JailPlan& plan, const JailParts& parts, BuildReport& report) noexcept;

/// Makes the plan's root the root of the mount namespace, and everything else unreachable.
bool enter_root(const JailPlan& plan, BuildReport& report) noexcept;

/// Performs the plan's mounts inside the new root.
bool mount_all(const JailPlan& plan, const JailParts& parts, BuildReport& report) noexcept;

/// Makes a mount's target the working directory, so that it can be mounted at "." without another
/// look at its path. The root may be hostile: a symbolic link on the way is refused (ELOOP).
bool enter_target(const char* target) noexcept;

/// Makes what is missing of a mount's target: directories, and in the end an empty file if
/// `is_file`. A symbolic link on the way is refused (ELOOP, ENOTDIR), as is what is there of
/// another type. Changes the working directory.
bool make_target(const char* target, bool is_file) noexcept;

/// Takes away what no process of the jail shall have, and opens plan.mount_requests.
bool restrict_privileges(JailPlan& plan, BuildReport& report) noexcept;

}  // namespace brig::host_linux
