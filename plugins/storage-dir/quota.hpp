// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <cstdint>
#include <optional>

/// A limit on what a volume holds: the volume's folder is made a project of the file system, which
/// everything made in it joins, and the project gets a quota. The project's number is kept in the
/// folder's inode, and nowhere else.
namespace brig::storage_dir {

/// Makes the folder `name`, which is empty but for its label, a project, and limits it.
void limit_new(const Shelf& shelf, const std::string& name, std::uint64_t bytes);

/// Gives a volume another limit; 0: none. One that had none becomes a project with all it holds.
/// Complete when repeated after a crash.
/// @throws Error{BRIG_BUSY} if it would have to become a project, but is active
void limit_volume(const sdk::Call& call, Entry& volume, std::uint64_t bytes);

/// Takes the limit off the folder `name`, if it has one; also before it is removed, since a limit
/// would outlive the folder.
void release_limit(const Shelf& shelf, const std::string& name);

/// What counts against a volume's limit.
struct LimitedUse {
    std::uint64_t used = 0;   ///< bytes
    std::uint64_t limit = 0;  ///< bytes; 0: none
};

/// Nothing if the volume is no project, or if the file system does not count now.
[[nodiscard]] std::optional<LimitedUse> limited_use(const Entry& volume);

}  // namespace brig::storage_dir
