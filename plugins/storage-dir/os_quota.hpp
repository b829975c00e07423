// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// Project quotas, where the operating system and the file system have them: quota_linux.cpp and
/// quota_freebsd.cpp.
namespace brig::storage_dir::os {

using ProjectId = std::uint32_t;

/// Can folders in `path`, which exists, get a quota?
/// @throws Error{BRIG_UNSUPPORTED} that says why not, and what can be done
void require_quota(const std::string& path);

/// The project that an open file or folder belongs to; 0: none.
[[nodiscard]] ProjectId project_of(int fd);

enum class Joined {
    yes,
    cannot,  ///< it is immutable, or the file system keeps no project for such a file
};

enum class Membership {
    alone,
    with_content  ///< what is made in the folder later joins by itself
};

/// Makes an open file or folder part of a project, with all the rights of root: not even a limit is
/// in the way.
[[nodiscard]] Joined join_project(int fd,
                                  ProjectId project,
                                  Membership membership,
                                  const std::string& path);

/// Lets things of any project be moved into the folder, which otherwise only takes those of its
/// own. Never fails: moving does.
void accept_any_project(int folder) noexcept;

struct ProjectUse {
    std::uint64_t bytes = 0;
    std::uint64_t inodes = 0;
    std::uint64_t limit = 0;  ///< bytes; 0: none
};

/// What the file system of `fd` has counted for a project; nothing if it never heard of it or does
/// not count.
[[nodiscard]] std::optional<ProjectUse> project_use(int fd, ProjectId project);

/// @param bytes 0: no limit
void limit_project(int fd, ProjectId project, std::uint64_t bytes, const std::string& path);

/// The same for 0, where it does not matter that the file system has no quotas any more.
void unlimit_project(int fd, ProjectId project, const std::string& path);

}  // namespace brig::storage_dir::os
