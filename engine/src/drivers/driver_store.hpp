// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "store/lease.hpp"

#include <optional>
#include <set>
#include <string>

namespace brig {

/// What is kept durably on behalf of drivers. The engine's store implements it.
class DriverStore {
  public:
    DriverStore() = default;
    DriverStore(const DriverStore&) = delete;
    DriverStore& operator=(const DriverStore&) = delete;
    DriverStore(DriverStore&&) = delete;
    DriverStore& operator=(DriverStore&&) = delete;
    virtual ~DriverStore() = default;

    /// The value that `holder` has in `pool`, if any.
    [[nodiscard]] virtual std::optional<std::string> find_lease(const std::string& pool,
                                                                const LeaseHolder& holder) = 0;

    /// Who has `value` in `pool`, if anybody.
    [[nodiscard]] virtual std::optional<LeaseHolder> holder_of(const std::string& pool,
                                                               const std::string& value) = 0;

    /// All values that somebody has in `pool`.
    [[nodiscard]] virtual std::set<std::string> leased_values(const std::string& pool) = 0;

    /// False when somebody else has `value` in `pool`. Idempotent for the same holder and value.
    virtual bool add_lease(const std::string& pool,
                           const LeaseHolder& holder,
                           const std::string& value) = 0;

    virtual void remove_lease(const std::string& pool, const LeaseHolder& holder) = 0;

    /// Removes what `holder` has in every pool, whatever its `key`.
    virtual void remove_leases(const LeaseHolder& holder) = 0;

    virtual void put_state(const std::string& scope,
                           const std::string& key,
                           const std::string& value) = 0;

    [[nodiscard]] virtual std::optional<std::string> get_state(const std::string& scope,
                                                               const std::string& key) = 0;

    virtual void remove_state(const std::string& scope, const std::string& key) = 0;
};

}  // namespace brig
