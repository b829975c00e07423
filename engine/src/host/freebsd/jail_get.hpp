// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// See Host::find_jail. A dying jail is not found: its name is free again.
[[nodiscard]] std::optional<Jail> find_jail(const std::string& name,
                                            const std::filesystem::path& folder);

/// What has to be known of a jail to clear it away.
struct JailRemains {
    int id = 0;
    std::filesystem::path root;
    bool may_mount = false;  ///< allow.mount: it may have left mounts, which keep it dying
};

/// The jail called `name`, even if it is dying.
[[nodiscard]] std::optional<JailRemains> find_remains(const std::string& name);

/// Every parameter that this kernel has, as jail_get(2) gives it.
[[nodiscard]] ParamList jail_params(const Jail& jail);

/// The ids of the jail called `name` and of every jail made inside it. Empty if there is none.
[[nodiscard]] std::vector<int> family_of(const std::string& name);

/// True while anything of the jail is left in the kernel: it may be dying for its zombies or its
/// sockets.
[[nodiscard]] bool is_left(int id);

}  // namespace brig::freebsd
