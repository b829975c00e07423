// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

#include <filesystem>
#include <string>

namespace brig {

/// Whose passwd and group files a user is looked up in.
enum class UserDatabase {
    container,  ///< /etc/passwd and /etc/group inside the root, never outside (exec.jail_user)
    host,       ///< the host's (exec.system_jail_user, exec.system_user)
};

/// Resolves `user`: a name, a numeric id, `user:group` or `:group` with either form.
///
/// A numeric id needs no entry (its group is then 0, its home "/"). The files of a container are
/// hostile: they are read inside the root, as text, up to 1 MiB.
///
/// @throws Error{not_found} for an unknown name ("no user 'x' in the container's /etc/passwd").
[[nodiscard]] Credentials resolve_user(Host& host,
                                       const std::filesystem::path& root,
                                       const std::string& user,
                                       UserDatabase database);

}  // namespace brig
