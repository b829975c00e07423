// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What differs between the operating systems: linux.cpp and freebsd.cpp.
namespace brig::storage_zfs::os {

/// Where volumes are mounted unless the option `mountpoint` says otherwise.
extern const std::string_view kDefaultFolder;

/// The property that lends a dataset to a jail, or "".
extern const std::string_view kJailedProperty;

/// A mounted file system.
struct Mount {
    std::string source;  ///< of ZFS: the dataset
    std::string path;
    std::string id;  ///< tells it from one that is mounted there later
    bool read_only = false;
    bool active = false;  ///< mark_active() was done; see there
};

/// All that is mounted, the latest last.
[[nodiscard]] std::vector<Mount> mounts();

/// Is this OpenZFS 2 or newer, as opposed to zfs-fuse?
[[nodiscard]] bool has_modern_zfs() noexcept;

/// The state of a pool as the kernel tells without waiting for it, "SUSPENDED" for one that hangs;
/// "" if that cannot be found out.
[[nodiscard]] std::string pool_state(const std::string& pool);

/// Mounts a dataset, or a snapshot (`read_only`). False: this system needs the zfs command for it.
[[nodiscard]] bool mount(const std::string& dataset, const std::string& path, bool read_only);

/// Notes on a mount that its volume is active: by a flag of the mount, so that it goes with it and
/// every process sees it. What is mounted without it was mounted by somebody else, or to look into
/// it, and is no obstacle: zfs-fuse mounts a clone as it makes it, whatever canmount says.
void mark_active(const std::string& path);

/// Unmounts what is mounted on `path`. Nothing is fine.
/// @param force also while in use
/// @throws Error{BRIG_BUSY} that names who uses it
void unmount(const std::string& path, bool force);

}  // namespace brig::storage_zfs::os
