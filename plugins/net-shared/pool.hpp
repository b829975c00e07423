// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "ip.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The addresses of a network that containers get.
namespace brig::net {

/// Addresses from the first to the last, of one family.
struct AddressRange {
    IpAddress first;
    IpAddress last;

    friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// Reads "ADDRESS", "FIRST-LAST" or "NETWORK/LENGTH".
[[nodiscard]] std::optional<AddressRange> parse_address_range(std::string_view text);

/// What is left of `ranges` without `hole`.
[[nodiscard]] std::vector<AddressRange> without(const std::vector<AddressRange>& ranges,
                                                const AddressRange& hole);

/// A subnet, and the part of it that is given to containers which do not ask for an address.
struct Pool {
    Subnet subnet;
    std::vector<AddressRange> ranges;

    [[nodiscard]] Pool without(const std::vector<IpAddress>& addresses) const;

    /// As brig_host::lease reads it.
    [[nodiscard]] std::string to_string() const;
};

/// What of a network's options a pool is made of.
struct PoolOptions {
    std::string subnet_option;  ///< "subnet6", for messages
    std::string subnet;
    std::string range_option;
    std::string range;                 ///< or ""
    std::vector<std::string> exclude;  ///< of either family
    bool is_ip6 = false;
};

/// @throws sdk::Error{BRIG_INVALID} that names the option
[[nodiscard]] Pool read_pool(const PoolOptions& options);

/// Who asks for an address.
struct LeaseRequest {
    std::string network;                  ///< the instance's name
    std::string option;                   ///< what `wanted` was given by, for messages: "ip"
    std::string wanted;                   ///< a certain address, or ""
    std::vector<IpAddress> avoided = {};  ///< what it is not to be, unless it is wanted
};

/// Takes an address for the object of the operation. The same again as long as the container
/// exists; no other network of the engine gives it.
/// @throws sdk::Error{BRIG_INVALID, BRIG_CONFLICT, BRIG_EXHAUSTED} that names address or subnet
[[nodiscard]] IpAddress lease_address(const sdk::Call& call,
                                      const Pool& pool,
                                      const LeaseRequest& request);

}  // namespace brig::net
