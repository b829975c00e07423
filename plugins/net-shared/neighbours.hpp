// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "ip.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The machines on a wire that others than containers of brig are on.
namespace brig::net {

/// One that has an address.
struct Neighbour {
    IpAddress address;
    MacAddress mac{};
};

/// Asks behind `interface` whether somebody has one of the addresses. It takes as long as a slow
/// machine may need to answer: 150 ms. Where there is no Ethernet, or the interface is down, nobody
/// can be asked.
[[nodiscard]] std::optional<Neighbour> find_on_wire(const std::string& interface,
                                                    const std::vector<IpAddress>& addresses);

/// Takes addresses, but none of those in `avoided`.
using LeaseAll = std::function<std::vector<IpAddress>(const std::vector<IpAddress>& avoided)>;

/// Takes addresses that nobody on the wire has; others for those that somebody has. Nobody is asked
/// in a dry run, and in recovery, where the container may have them itself.
/// @param interface "": there is nobody to be asked
/// @throws Error{BRIG_CONFLICT} for one that the user asked for, or if all seem to be in use
[[nodiscard]] std::vector<IpAddress> lease_unused(const sdk::Call& call,
                                                  const sdk::Target& target,
                                                  const std::string& interface,
                                                  const LeaseAll& lease_all);

}  // namespace brig::net
