// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/configured.hpp"

#include "support/check.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace brig {

std::optional<std::string> StoredForDrivers::find_lease(const std::string& pool,
                                                        const LeaseHolder& holder) {
    return store_.find_lease(pool, holder);
}

std::optional<LeaseHolder> StoredForDrivers::holder_of(const std::string& pool,
                                                       const std::string& value) {
    return store_.holder_of(pool, value);
}

std::set<std::string> StoredForDrivers::leased_values(const std::string& pool) {
    return store_.leased_values(pool);
}

bool StoredForDrivers::add_lease(const std::string& pool,
                                 const LeaseHolder& holder,
                                 const std::string& value) {
    return store_.add_lease(pool, holder, value);
}

void StoredForDrivers::remove_lease(const std::string& pool, const LeaseHolder& holder) {
    store_.remove_lease(pool, holder);
}

void StoredForDrivers::remove_leases(const LeaseHolder& holder) {
    store_.remove_leases(holder);
}

void StoredForDrivers::put_state(const std::string& scope,
                                 const std::string& key,
                                 const std::string& value) {
    store_.put_state(scope, key, value);
}

std::optional<std::string> StoredForDrivers::get_state(const std::string& scope,
                                                       const std::string& key) {
    return store_.get_state(scope, key);
}

void StoredForDrivers::remove_state(const std::string& scope, const std::string& key) {
    store_.remove_state(scope, key);
}

namespace {

const InstanceSettings& find_settings(const std::vector<InstanceSettings>& all,
                                      const std::string& name,
                                      const char* noun) {
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const InstanceSettings& i) { return i.name == name; });
    if (found != all.end()) {
        return *found;
    }
    std::vector<std::string> names;
    for (const InstanceSettings& instance : all) {
        names.push_back(instance.name);
    }
    const auto similar = nearest(name, names);
    throw Error{ErrorCode::not_found, fmt::format("no {} '{}'", noun, name)}.with_hint(
        similar
            ? fmt::format("did you mean '{}'?", *similar)
            : fmt::format("there are: {}; others go into the configuration{}",
                          join(names, ", "),
                          std::string_view{noun} == "network" ? ", or: brig network create" : ""));
}

DriverSources sources_of(const Settings& settings) {
    return {settings.embedded_drivers, settings.driver_dirs};
}

DriverServices services_for(const Settings& settings,
                            const Host& host,
                            DriverStore& store,
                            const Log& log) {
    DriverServices services;
    services.engine_version = BRIG_VERSION;
    services.engine_id = short_hash(settings.state.native());
    services.platform = host.facts().platform;
    services.release = host.facts().release;
    services.store = &store;
    services.log = log;
    services.helpers = settings.libexec;
    return services;
}

}  // namespace

ConfiguredInstances::ConfiguredInstances(const Settings& settings,
                                         const Host& host,
                                         Store& store,
                                         const Log& log)
    : settings_{settings},
      store_{store},
      registry_{sources_of(settings), services_for(settings, host, store_, log), settings.drivers} {
}

Storage& ConfiguredInstances::storage(const std::string& name) {
    auto& proxy = storages_[name];
    if (!proxy) {
        proxy = registry_.open_storage(find_settings(settings_.storages, name, "storage"));
    }
    return *proxy;
}

Network& ConfiguredInstances::network(const std::string& name) {
    auto& proxy = networks_[name];
    if (!proxy) {
        proxy = registry_.open_network(find_settings(settings_.networks, name, "network"));
    }
    return *proxy;
}

std::optional<std::uint32_t> ConfiguredInstances::network_option_type(const std::string& driver,
                                                                      const std::string& option) {
    if (const auto type = trait_type(option)) {
        return type;
    }
    for (const brig_option& row : registry_.driver(driver)->tables.options()) {
        if (option == row.name) {
            return row.type;
        }
    }
    return std::nullopt;
}

std::unique_ptr<Network> ConfiguredInstances::open_network(const InstanceSettings& settings) {
    return registry_.open_network(settings);
}

std::vector<DriverInfo> ConfiguredInstances::drivers() const {
    return registry_.list();
}

DriverInfo ConfiguredInstances::driver(const std::string& name_or_file) const {
    return registry_.inspect(name_or_file);
}

std::vector<InstanceInfo> ConfiguredInstances::networks() {
    Findings findings;
    std::vector<InstanceInfo> described;
    for (const InstanceSettings& network : settings_.networks) {
        described.push_back(describe_network(network, findings));
    }
    findings.throw_if_any();
    return described;
}

InstanceInfo ConfiguredInstances::network_info(const InstanceSettings& network) {
    Findings findings;
    InstanceInfo info = describe_network(network, findings);
    findings.throw_if_any();
    return info;
}

std::vector<InstanceInfo> ConfiguredInstances::storages() {
    Findings findings;
    std::vector<InstanceInfo> described;
    for (const InstanceSettings& storage : settings_.storages) {
        described.push_back(describe(storage, settings_.default_storage, findings));
    }
    findings.throw_if_any();
    return described;
}

InstanceInfo ConfiguredInstances::describe_network(const InstanceSettings& network,
                                                   Findings& findings) {
    InstanceSettings of_driver = network;
    const OptionMap own = options_of(DriverRegistry::take_traits_of(of_driver, findings));
    InstanceInfo described = describe(of_driver, settings_.default_network, findings);
    described.options.insert(described.options.end(), own.begin(), own.end());
    return described;
}

InstanceInfo ConfiguredInstances::describe(const InstanceSettings& instance,
                                           const std::string& default_name,
                                           Findings& findings) {
    return {instance.name,
            instance.driver,
            instance.name == default_name,
            registry_.resolve(instance, findings),
            instance.where,
            instance.is_created};
}

}  // namespace brig
