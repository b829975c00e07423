// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_store.hpp"
#include "shared_block.hpp"

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace brig::conformance {

/// What is kept for drivers during one test: it outlives every process of it, as the engine's
/// database would.
class SharedStore final : public DriverStore {
  public:
    explicit SharedStore(SharedBlock& block) : block_{block} {}

    std::optional<std::string> find_lease(const std::string& pool,
                                          const LeaseHolder& holder) override;
    std::optional<LeaseHolder> holder_of(const std::string& pool,
                                         const std::string& value) override;
    std::set<std::string> leased_values(const std::string& pool) override;
    bool add_lease(const std::string& pool,
                   const LeaseHolder& holder,
                   const std::string& value) override;
    void remove_lease(const std::string& pool, const LeaseHolder& holder) override;
    void remove_leases(const LeaseHolder& holder) override;
    void put_state(const std::string& scope,
                   const std::string& key,
                   const std::string& value) override;
    std::optional<std::string> get_state(const std::string& scope, const std::string& key) override;
    void remove_state(const std::string& scope, const std::string& key) override;

    /// All of it for people, but for scopes that begin with a dot: those are the kit's.
    [[nodiscard]] std::vector<std::string> describe();

  private:
    struct Contents {
        std::map<std::pair<std::string, LeaseHolder>, std::string> leases;
        std::map<std::pair<std::string, std::string>, std::string> states;
    };

    [[nodiscard]] Contents load() const;
    void save(const Contents& contents);

    SharedBlock& block_;
    std::mutex mutex_;
};

}  // namespace brig::conformance
