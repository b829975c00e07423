// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
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

    /// The value that `key` has in `pool`, if any.
    [[nodiscard]] virtual std::optional<std::string> find_lease(const std::string& pool,
                                                                const std::string& key) = 0;

    /// False when another key has `value` in `pool`. Idempotent for the same key and value.
    virtual bool add_lease(const std::string& pool,
                           const std::string& key,
                           const std::string& value) = 0;

    virtual void remove_lease(const std::string& pool, const std::string& key) = 0;

    /// Removes the leases of all keys that begin with `key_prefix`, in every pool.
    virtual void remove_leases(const std::string& key_prefix) = 0;

    virtual void put_state(const std::string& scope,
                           const std::string& key,
                           const std::string& value) = 0;

    [[nodiscard]] virtual std::optional<std::string> get_state(const std::string& scope,
                                                               const std::string& key) = 0;

    virtual void remove_state(const std::string& scope, const std::string& key) = 0;
};

}  // namespace brig
