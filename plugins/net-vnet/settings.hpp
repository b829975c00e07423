// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "ip.hpp"
#include "network_options.hpp"
#include "pool.hpp"

#include <optional>
#include <string>

namespace brig::net_vnet {

using net::IpAddress;
using net::IpPrefix;
using net::kLongestInterface;
using net::Subnet;

/// How a jail's stack is connected.
enum class Mode {
    bridge,     ///< a pair of interfaces, one end of which is a port of a bridge
    routed,     ///< a pair of interfaces, and a route on the host for each address
    interface,  ///< an interface of the host, moved in
};

/// What a network has of one protocol.
struct Family {
    net::Pool pool;                    ///< the addresses that containers get
    std::optional<IpAddress> gateway;  ///< where the default route goes; none: there is no such
};

/// A network as it was configured, checked as far as that is possible without looking at the host.
struct Settings {
    std::string name;
    Mode mode = Mode::bridge;
    std::string bridge;     ///< an existing one; empty: the network's own
    std::string interface;  ///< of Mode::interface
    std::optional<Family> ip4;
    std::optional<Family> ip6;
    unsigned mtu = 0;  ///< 0: as the bridge or the kernel has it
    net::Nat nat;
    bool internal = false;
    bool isolate = false;
    bool forwarding = false;
    bool probe = true;

    [[nodiscard]] bool owns_bridge() const { return mode == Mode::bridge && bridge.empty(); }

    /// The interface behind which there may be machines that are no containers of this network; ""
    /// if none is.
    [[nodiscard]] const std::string& wire_of_others() const {
        return mode == Mode::interface ? interface : bridge;
    }

    [[nodiscard]] const std::optional<Family>& family(bool is_ip6) const {
        return is_ip6 ? ip6 : ip4;
    }
};

/// @throws sdk::Error{BRIG_INVALID} naming the option that is wrong
[[nodiscard]] Settings read_settings(const std::string& name, const sdk::Options& options);

}  // namespace brig::net_vnet
