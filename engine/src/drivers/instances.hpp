// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/network.hpp"
#include "drivers/storage.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace brig {

/// The configured networks and storages by name. A driver is loaded when one of its instances is
/// first asked for.
class Instances {
  public:
    Instances() = default;
    Instances(const Instances&) = delete;
    Instances& operator=(const Instances&) = delete;
    Instances(Instances&&) = delete;
    Instances& operator=(Instances&&) = delete;
    virtual ~Instances() = default;

    /// @throws Error{not_found} with the nearest name, Error{bad_driver}, Error{invalid_config}.
    virtual Storage& storage(const std::string& name) = 0;
    virtual Network& network(const std::string& name) = 0;

    /// The type (BRIG_T_…) of an option that networks of a driver have; nothing if they have none
    /// of that name. @throws Error{not_found}, Error{bad_driver}
    [[nodiscard]] virtual std::optional<std::uint32_t> network_option_type(
        const std::string& driver, const std::string& option) = 0;

    /// A network that is not among the configured ones: to be created, or configured no more.
    [[nodiscard]] virtual std::unique_ptr<Network> open_network(
        const InstanceSettings& settings) = 0;
};

}  // namespace brig
