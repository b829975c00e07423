// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/jail_table.hpp"

#include <string_view>

/// What a jail may not be given because its parent, or another jail, stands against it. Pure.
namespace brig {

using Jails = std::vector<JailState>;

/// The jail with `id`, or nullptr: the host, or none.
[[nodiscard]] const JailState* find_jail_by_id(const Jails& jails, int id) noexcept;

/// Whether `id` is somewhere below `ancestor`; everything but the host is below the host.
[[nodiscard]] bool is_jail_below(const Jails& jails, int id, int ancestor) noexcept;

/// The number called `name` of the jail `id`, as set or as a new jail has it; that of the host when
/// `id` is the host.
[[nodiscard]] long long jail_limit(const Jails& jails, int id, std::string_view name);

/// Whether the jail `id` has the permission `name` ("allow.mount").
[[nodiscard]] bool jail_allows(const Jails& jails, int id, std::string_view name);

/// Whether the addresses of the family of `mode` ("ip4" or "ip6") are restricted in the jail `id`,
/// by itself or by a jail above it on the same network stack.
[[nodiscard]] bool has_jail_restriction(const Jails& jails, int id, std::string_view mode);

/// Where a call comes from and which jail it is about.
struct JailSeat {
    int jail = kHostJailId;  ///< the host: a new jail
    int parent = kHostJailId;
    int caller = kHostJailId;
};

/// Refuses what `params` ask for beyond the parent's limits, permissions and addresses, and
/// addresses that another jail on the same network stack has.
/// @throws Error with the kernel's errno and text.
void check_jail_limits(const Jails& jails, const JailSeat& seat, const ParamList& params);

/// Takes from a new jail the permissions that its parent has not.
void inherit_jail_permissions(const Jails& jails, JailState& jail);

/// Lowers what the jails below `id` have to what it has now.
void restrict_jails_below(Jails& jails, int id);

}  // namespace brig
