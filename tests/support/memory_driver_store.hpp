// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_store.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace brig::test {

/// A DriverStore that forgets.
class MemoryDriverStore final : public DriverStore {
  public:
    using Key = std::pair<std::string, std::string>;

    std::map<Key, std::string> leases;  ///< (pool, key) -> value
    std::map<Key, std::string> states;  ///< (scope, key) -> value

    std::optional<std::string> find_lease(const std::string& pool,
                                          const std::string& key) override {
        return find(leases, {pool, key});
    }

    bool add_lease(const std::string& pool,
                   const std::string& key,
                   const std::string& value) override {
        const bool taken = std::any_of(leases.begin(), leases.end(), [&](const auto& lease) {
            return lease.first.first == pool && lease.first.second != key && lease.second == value;
        });
        if (!taken) {
            leases[{pool, key}] = value;
        }
        return !taken;
    }

    void remove_lease(const std::string& pool, const std::string& key) override {
        leases.erase({pool, key});
    }

    void remove_leases(const std::string& key_prefix) override {
        for (auto lease = leases.begin(); lease != leases.end();) {
            lease = lease->first.second.starts_with(key_prefix) ? leases.erase(lease)
                                                                : std::next(lease);
        }
    }

    void put_state(const std::string& scope,
                   const std::string& key,
                   const std::string& value) override {
        states[{scope, key}] = value;
    }

    std::optional<std::string> get_state(const std::string& scope,
                                         const std::string& key) override {
        return find(states, {scope, key});
    }

    void remove_state(const std::string& scope, const std::string& key) override {
        states.erase({scope, key});
    }

  private:
    static std::optional<std::string> find(const std::map<Key, std::string>& map, const Key& key) {
        const auto entry = map.find(key);
        return entry == map.end() ? std::nullopt : std::optional{entry->second};
    }
};

}  // namespace brig::test
