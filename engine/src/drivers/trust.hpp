// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace brig {

/// Refuses code that somebody else could have put there. When `user` is root, every component of
/// `path`, from / on, must belong to root and be writable by nobody else. A sticky folder such as
/// /tmp passes: nobody but root can rename or remove what belongs to root in it, and what somebody
/// else put there first does not belong to root. For other users there is no rule: they can only
/// harm themselves.
///
/// @param path absolute, and without symbolic links: see std::filesystem::canonical
/// @throws Error{bad_driver} that names the component, with the command that mends it as the hint.
void require_trusted(const std::filesystem::path& path, uid_t user);

}  // namespace brig
