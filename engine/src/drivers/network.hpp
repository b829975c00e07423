// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_call.hpp"
#include "drivers/network_traits.hpp"
#include "params/merge.hpp"
#include "support/findings.hpp"

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

    /// What the engine itself does for those on the network.
    [[nodiscard]] virtual const NetworkTraits& traits() const noexcept = 0;

    /// "KEY=VALUE" of a user as options of the driver for one container. What is wrong is added to
    /// `findings`.
    [[nodiscard]] virtual OptionMap options_for(const std::vector<std::string>& written,
                                                Findings& findings) const = 0;

    /// Whether the driver has an option of that name for one container.
    [[nodiscard]] virtual bool has_option(const std::string& option) const = 0;

    /// Whether a container can be connected and disconnected while it runs.
    [[nodiscard]] virtual bool attaches_live() const = 0;

    /// The host's side, before the jail exists. With BRIG_F_DRY_RUN nothing is changed, and the
    /// contribution is what it would be.
    [[nodiscard]] virtual NetworkContribution prepare(const DriverCall& call) = 0;

    /// The inside, when the jail exists. Returns further results.
    virtual ResultMap attach(const DriverCall& call) = 0;

    /// Whether there is something to `detach`.
    [[nodiscard]] virtual bool detaches() const = 0;

    /// What must be undone while the jail is still there.
    virtual void detach(const DriverCall& call) = 0;

    /// Removes everything, and gives the object's leases back. Nothing there is fine.
    virtual void teardown(const DriverCall& call) = 0;

    /// Whether an attachment is as it was set up.
    [[nodiscard]] virtual DriverCondition check(const DriverCall& call) = 0;

    // What belongs to the network itself: see brig_network_shared.

    [[nodiscard]] virtual bool has_shared() const = 0;

    virtual void ensure_shared() = 0;
    virtual void remove_shared() = 0;
    [[nodiscard]] virtual DriverCondition check_shared() = 0;

    /// Everything on the host that bears a tag of this engine.
    [[nodiscard]] virtual std::vector<ListedObject> list() = 0;
};

}  // namespace brig
