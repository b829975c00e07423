// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "network_options.hpp"
#include "pool.hpp"

#include <optional>
#include <string>

namespace brig::net_loopback {

/// A network as it was configured, checked as far as that is possible without looking at the host.
struct Settings {
    std::string name;
    std::string interface;  ///< an existing one; empty: the network's own
    net::Nat nat;
    bool probe = true;
    std::optional<net::Pool> ip4;
    std::optional<net::Pool> ip6;

    [[nodiscard]] bool owns_interface() const { return interface.empty(); }

    [[nodiscard]] const std::optional<net::Pool>& pool(bool is_ip6) const {
        return is_ip6 ? ip6 : ip4;
    }
};

/// @throws sdk::Error{BRIG_INVALID} naming the option that is wrong
[[nodiscard]] Settings read_settings(const std::string& name, const sdk::Options& options);

/// A network without any can be removed, and no more.
/// @throws sdk::Error{BRIG_INVALID}
void require_subnet(const Settings& settings);

}  // namespace brig::net_loopback
