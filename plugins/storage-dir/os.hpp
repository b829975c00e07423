// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <optional>
#include <string>
#include <vector>

/// What differs between the operating systems: linux.cpp and freebsd.cpp.
namespace brig::storage_dir::os {

/// The word of the option `clone` for layers on this system.
extern const std::string_view kLayering;

/// The folders that a layered volume needs beside `tree`.
extern const std::vector<std::string> kLayeredFolders;

/// The same and what mounting makes in them, in the order in which they are removed when empty.
extern const std::vector<std::string> kLayeredRemoval;
/// A file that overlayfs leaves in them, best removed first; empty where there is none.
extern const std::string kLayeredMark;

/// The folder that a layered volume is mounted on.
extern const std::string kMountPoint;

/// Most layers below one volume.
constexpr std::size_t kMaxLayers = 100;

/// Most that mount_layers() takes: more have to be joined to one before.
extern const std::size_t kMostMounted;

/// A volume of layers to be mounted. Paths are absolute.
struct LayeredMount {
    std::vector<std::string> lower;  ///< trees, the topmost first; at most kMostMounted
    std::string upper;               ///< the tree that takes the changes
    std::string folder;              ///< the volume's folder
    std::string tag;                 ///< shown as the mounted device where the system allows that
    bool may_lose_data = false;      ///< need not survive a crash of the machine
};

/// Are layers what `auto` means for volumes in `folder`? Loads the kernel's module where that is
/// not done by mounting.
[[nodiscard]] bool can_layer(const std::string& folder) noexcept;

/// @throws Error; nothing is mounted then.
void mount_layers(const LayeredMount& request);

enum class Mounted {
    nothing,
    layers,
    some_layers,  ///< a crash came between: mount_layers() begins anew
    something_else,
};

/// What is mounted on `name` in `folder`; a folder that is absent has nothing mounted.
[[nodiscard]] Mounted mounted_on(int folder, const std::string& name);

/// Unmounts what mount_layers() mounted. Not mounted is fine.
/// @param force also while in use
/// @throws Error{BRIG_BUSY} that names who uses it
void unmount_layers(const std::string& mount_point, bool force);

/// A mount point at or below `path`, if there is one.
[[nodiscard]] std::optional<std::string> find_mount_below(const std::string& path);

/// Opens the folder `name` in `folder`, neither following a symbolic link nor entering another
/// mount: -1 and errno EXDEV for that.
[[nodiscard]] int open_child(int folder, const char* name) noexcept;

/// Opens the folder `name` in `folder` as it is below all that is mounted in it. For reading.
/// -1 and errno if that fails.
[[nodiscard]] int open_uncovered(int folder, const char* name) noexcept;

/// Takes off what keeps even root from removing `name` (chattr(1) +i and +a, chflags(1) schg …).
/// False if there was nothing to take off.
bool clear_immutable(int folder, const char* name) noexcept;

/// Takes away what a layered mount left in `folder` that cannot be seen but keeps it from being
/// removed.
void clear_whiteouts(int folder, const std::string& path);

/// Copies extended attributes, access control lists and flags of an open file.
void copy_attributes(int from, int to, const std::string& path);

/// Lets `to` share the blocks of `from`. False: these file systems cannot.
[[nodiscard]] bool share_blocks(int from, int to) noexcept;

/// Makes the special file (device, pipe, socket) `name` as `mode` and `device` say. False if this
/// system has no way to make one of that kind.
bool make_special(
    int folder, const char* name, unsigned mode, unsigned long device, const std::string& path);

/// Can a layered volume be mounted whose folders are on the file system of `path`?
/// @throws Error that says why not
void require_layering(const std::string& path);

}  // namespace brig::storage_dir::os
