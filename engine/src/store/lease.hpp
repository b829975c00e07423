// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <tuple>

namespace brig {

/// Who has a leased value: an object of a container on an instance of a driver.
struct LeaseHolder {
    std::string instance;   ///< "network/lan"
    std::string container;  ///< id
    std::string object;     ///< the attachment
    std::string key;        ///< the driver's own word for what it is: "ip4"

    friend bool operator==(const LeaseHolder&, const LeaseHolder&) = default;
    friend bool operator<(const LeaseHolder& one, const LeaseHolder& other) {
        return std::tie(one.instance, one.container, one.object, one.key)
               < std::tie(other.instance, other.container, other.object, other.key);
    }
};

/// A value out of a pool. Within one pool no value has two holders.
struct Lease {
    std::string pool;  ///< "instance network/lan" or "scope ip"
    LeaseHolder holder;
    std::string value;
};

}  // namespace brig
