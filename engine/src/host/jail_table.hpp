// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/jail_values.hpp"

#include <string>
#include <utility>
#include <vector>

/// The jails of a host and the rules of jail_set(2) among them: names and ids, parents and their
/// limits, addresses that clash. For hosts whose kernel has no jails; FreeBSD's does it itself.
/// Pure.
namespace brig {

/// The host itself, as the parent of its jails.
inline constexpr int kHostJailId = 0;

struct JailState {
    int id = kHostJailId;
    int parent = kHostJailId;
    std::string name;  ///< as the host sees it: "parent.child"
    bool is_dying = false;
    ParamList params;  ///< of the kernel: what was set, or inherited at creation
};

/// What the kernel makes of host, ip4 and ip6 in `params`, a jail's, when `given` are set.
void settle_jail_params(ParamList& params, const ParamList& given);

class JailTable {
  public:
    /// `host` holds what the host itself has of the parameters: host.hostname, osrelease.
    JailTable(std::vector<JailState> jails, ParamList host)
        : jails_{std::move(jails)}, host_{std::move(host)} {}

    /// What jail_set(2) does when a process of the jail `caller` calls it: changes the jail that
    /// `params` names by jid or name, or adds one, which gets `free_id` unless a jid is asked for.
    /// @throws Error with the kernel's errno and text; nothing has changed then.
    const JailState& set(JailOperation operation,
                         const ParamList& params,
                         int free_id,
                         int caller = kHostJailId);

    /// All that there is to read of `jail` for a process of `caller`, as jail_get(2) has it, with
    /// the values of a new jail for what was not set.
    [[nodiscard]] ParamList get(const JailState& jail,
                                const std::vector<ParamInfo>& known,
                                int caller = kHostJailId) const;

    /// The jail and all below it, parents before their children.
    [[nodiscard]] std::vector<int> family_of(int id) const;

    [[nodiscard]] const std::vector<JailState>& jails() const noexcept { return jails_; }

  private:
    std::vector<JailState> jails_;
    ParamList host_;
};

}  // namespace brig
