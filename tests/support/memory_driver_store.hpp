// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace brig::test {

/// A DriverStore that forgets.
class MemoryDriverStore final : public DriverStore {
  public:
    using Key = std::pair<std::string, std::string>;

    std::map<std::pair<std::string, LeaseHolder>, std::string> leases;  ///< (pool, holder) -> value
    std::map<Key, std::string> states;                                  ///< (scope, key) -> value

    std::optional<std::string> find_lease(const std::string& pool,
                                          const LeaseHolder& holder) override {
        const auto entry = leases.find({pool, holder});
        return entry == leases.end() ? std::nullopt : std::optional{entry->second};
    }

    std::optional<LeaseHolder> holder_of(const std::string& pool,
                                         const std::string& value) override {
        for (const auto& [place, held] : leases) {
            if (place.first == pool && held == value) {
                return place.second;
            }
        }
        return std::nullopt;
    }

    std::set<std::string> leased_values(const std::string& pool) override {
        std::set<std::string> values;
        for (const auto& [place, held] : leases) {
            if (place.first == pool) {
                values.insert(held);
            }
        }
        return values;
    }

    bool add_lease(const std::string& pool,
                   const LeaseHolder& holder,
                   const std::string& value) override {
        const auto other = holder_of(pool, value);
        if (other && *other != holder) {
            return false;
        }
        leases[{pool, holder}] = value;
        return true;
    }

    void remove_lease(const std::string& pool, const LeaseHolder& holder) override {
        leases.erase({pool, holder});
    }

    void remove_leases(const LeaseHolder& holder) override {
        std::erase_if(leases, [&](const auto& lease) {
            LeaseHolder other = lease.first.second;
            other.key = holder.key;
            return other == holder;
        });
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
