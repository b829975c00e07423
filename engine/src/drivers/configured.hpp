// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "drivers/instances.hpp"
#include "drivers/registry.hpp"
#include "host/host.hpp"
#include "store/store.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brig {

/// What drivers keep, in the engine's database.
class StoredForDrivers : public DriverStore {
  public:
    explicit StoredForDrivers(Store& store) : store_{store} {}

    [[nodiscard]] std::optional<std::string> find_lease(const std::string& pool,
                                                        const LeaseHolder& holder) override;
    [[nodiscard]] std::optional<LeaseHolder> holder_of(const std::string& pool,
                                                       const std::string& value) override;
    [[nodiscard]] std::set<std::string> leased_values(const std::string& pool) override;
    bool add_lease(const std::string& pool,
                   const LeaseHolder& holder,
                   const std::string& value) override;
    void remove_lease(const std::string& pool, const LeaseHolder& holder) override;
    void remove_leases(const LeaseHolder& holder) override;
    void put_state(const std::string& scope,
                   const std::string& key,
                   const std::string& value) override;
    [[nodiscard]] std::optional<std::string> get_state(const std::string& scope,
                                                       const std::string& key) override;
    void remove_state(const std::string& scope, const std::string& key) override;

  private:
    Store& store_;
};

/// The instances of the settings, opened when first asked for.
class ConfiguredInstances : public Instances {
  public:
    ConfiguredInstances(const Settings& settings, const Host& host, Store& store, const Log& log);

    Storage& storage(const std::string& name) override;
    Network& network(const std::string& name) override;
    [[nodiscard]] std::optional<std::uint32_t> network_option_type(
        const std::string& driver, const std::string& option) override;
    [[nodiscard]] std::unique_ptr<Network> open_network(const InstanceSettings& settings) override;

    // For listings. Options are shown with their defaults.
    [[nodiscard]] std::vector<DriverInfo> drivers() const;
    [[nodiscard]] DriverInfo driver(const std::string& name_or_file) const;
    [[nodiscard]] std::vector<InstanceInfo> networks();
    [[nodiscard]] InstanceInfo network_info(const InstanceSettings& network);
    [[nodiscard]] std::vector<InstanceInfo> storages();

  private:
    [[nodiscard]] InstanceInfo describe_network(const InstanceSettings& network,
                                                Findings& findings);
    [[nodiscard]] InstanceInfo describe(const InstanceSettings& instance,
                                        const std::string& default_name,
                                        Findings& findings);

    const Settings& settings_;
    StoredForDrivers store_;
    DriverRegistry registry_;
    std::map<std::string, std::unique_ptr<StorageProxy>> storages_;
    std::map<std::string, std::unique_ptr<NetworkProxy>> networks_;
};

}  // namespace brig
