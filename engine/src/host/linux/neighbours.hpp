// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/jail_table.hpp"
#include "host/linux/record.hpp"
#include "support/unique_resource.hpp"

#include <sys/types.h>

/// A jail beside the others of its host. The kernel here knows nothing of jails, so what it
/// would refuse on FreeBSD is refused here.
namespace brig::host_linux {

/// What the host itself has of the parameters: its names and its release.
[[nodiscard]] ParamList params_of_host();

/// A running jail for the rules.
[[nodiscard]] JailState state_of(const JailRecord& record, pid_t init);

/// Refuses what jail_set(2) refuses, and what there is not on Linux: a jid of one's choice, a jail
/// in a jail. Returns a lock that keeps others from taking the same addresses, to be held until the
/// jail is there; nothing when it has none.
/// @throws Error with the kernel's errno and text.
[[nodiscard]] UniqueFd check_new_jail(const JailRequest& request);

/// The jail in `folder` as it would be with `changes`; nobody else may take the same addresses as
/// long as `lock` is held.
struct ChangedJail {
    JailState state;
    UniqueFd lock;
};

/// @throws Error with the kernel's errno and text for what jail_set(2) refuses.
[[nodiscard]] ChangedJail change_jail(const JailState& jail,
                                      const std::filesystem::path& folder,
                                      const ParamList& changes);

}  // namespace brig::host_linux
