// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <cstdint>
#include <optional>

/// A limit on what a volume holds: its content is made a project of the file system, which gets a
/// quota. The project's number is kept in the inode of the volume's folder, and nowhere else.
///
/// Only `tree` and `work` are in the project, and the trees of layers, which were `tree` once. So
/// labels can still be replaced when the volume is full.
namespace brig::storage_dir {

/// Makes the folder `name`, which is empty but for its label, that of a project, and limits it.
void limit_new(const Shelf& shelf, const std::string& name, std::uint64_t bytes);

/// Makes `part` of the folder `name` a part of its project: a new folder for content. If that is no
/// project yet, make_project() will.
void join_content(const Shelf& shelf, const std::string& name, const std::string& part);

/// Makes the content of a volume a project, if it is none. Complete when repeated after a crash.
/// @throws Error{BRIG_BUSY} if it is none and active
void make_project(const sdk::Call& call, Entry& volume);

/// Gives the project another limit; 0: none.
void set_limit(const Entry& volume, std::uint64_t bytes);

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
