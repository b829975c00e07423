// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_call.hpp"
#include "params/merge.hpp"

#include <string>
#include <vector>

namespace brig {

/// What a network adds to a container.
struct NetworkContribution {
    std::vector<Contribution> params;
    ResultMap results;
};

/// A configured network, [network.NAME], as the stories see it: a driver's (NetworkProxy), or a
/// model in tests. See brig_network_ops for what the operations mean. All are idempotent by
/// container and object.
class Network {
  public:
    Network() = default;
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    Network(Network&&) = delete;
    Network& operator=(Network&&) = delete;
    virtual ~Network() = default;

    [[nodiscard]] virtual const std::string& name() const noexcept = 0;

    /// The host's side, before the jail exists. With BRIG_F_DRY_RUN nothing is changed, and the
    /// contribution is what it would be.
    [[nodiscard]] virtual NetworkContribution prepare(const DriverCall& call) = 0;

    /// The inside, when the jail exists. Returns further results.
    virtual ResultMap attach(const DriverCall& call) = 0;

    /// Removes everything, and gives the object's leases back. Nothing there is fine.
    virtual void teardown(const DriverCall& call) = 0;
};

}  // namespace brig
