// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"
#include "drivers/driver_files.hpp"
#include "drivers/network_proxy.hpp"
#include "drivers/storage_proxy.hpp"
#include "support/findings.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brig {

/// The drivers of one engine: found by name, in the program or in its folders, loaded when first
/// needed, and kept. One thread at a time.
class DriverRegistry {
  public:
    /// @param terms by the drivers' names; others have the default ones
    DriverRegistry(DriverSources sources, DriverServices services, DriverTermsMap terms = {});

    /// @throws Error{not_found} with the nearest name, Error{bad_driver}, or Error{unsupported}
    /// when
    ///         the driver is not for this platform.
    [[nodiscard]] std::shared_ptr<const LoadedDriver> driver(const std::string& name);

    /// All that there are: see Engine::drivers.
    [[nodiscard]] std::vector<DriverInfo> list() const;

    /// One as it itself says: see Engine::driver.
    [[nodiscard]] DriverInfo inspect(const std::string& name_or_file) const;

    /// Checks the options of an instance and fills in defaults; loads its driver.
    /// @throws as driver() does
    [[nodiscard]] OptionMap resolve(const InstanceSettings& settings, Findings& findings);

    /// Takes out of the settings of a network what is the engine's own.
    [[nodiscard]] static NetworkTraits take_traits_of(InstanceSettings& network,
                                                      Findings& findings);

    /// Opens a configured instance. The proxy may outlive the registry.
    /// @throws as driver() does; Error{invalid_config} with every finding about its options, or
    /// when
    ///         the driver is of the other kind; what the driver says.
    [[nodiscard]] std::unique_ptr<NetworkProxy> open_network(const InstanceSettings& settings);
    [[nodiscard]] std::unique_ptr<StorageProxy> open_storage(const InstanceSettings& settings);

  private:
    [[nodiscard]] std::filesystem::path find(const std::string& name) const;
    [[nodiscard]] std::filesystem::path find_trusted(const std::string& name) const;
    [[nodiscard]] std::unique_ptr<isolation::IsolatedDriver> isolate(
        const std::filesystem::path& file) const;
    [[nodiscard]] DriverInfo ask(const std::filesystem::path& found) const;
    void load_into(LoadedDriver& driver, const std::string& name) const;
    [[nodiscard]] std::shared_ptr<const LoadedDriver> load(const std::string& name) const;
    [[nodiscard]] std::unique_ptr<DriverInstance> open(const InstanceSettings& settings,
                                                       std::uint32_t kind);

    DriverSources sources_;
    std::shared_ptr<const HostServices> host_;
    DriverTermsMap terms_;
    std::map<std::string, std::shared_ptr<const LoadedDriver>> loaded_;
};

/// Whether a driver for `platforms` ("freebsd>=13.2 linux"; empty: any) runs on this host.
[[nodiscard]] bool runs_on(const std::string& platforms,
                           const std::string& platform,
                           const std::string& release);

}  // namespace brig
