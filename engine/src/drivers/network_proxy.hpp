// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_instance.hpp"
#include "drivers/network.hpp"

#include <memory>
#include <string>
#include <vector>

namespace brig {

/// A configured network, [network.NAME]. See brig_network_ops for what the operations mean.
/// Every one throws Error as DriverInstance::perform does.
class NetworkProxy : public Network {
  public:
    explicit NetworkProxy(std::unique_ptr<DriverInstance> instance);

    [[nodiscard]] const std::string& name() const noexcept override { return instance_->name(); }
    [[nodiscard]] const std::string& label() const noexcept { return instance_->label(); }
    [[nodiscard]] DriverInstance& instance() noexcept { return *instance_; }

    /// The host's side, before the jail exists. With BRIG_F_DRY_RUN nothing is changed, and the
    /// contribution is what it would be.
    [[nodiscard]] NetworkContribution prepare(const DriverCall& call) override;

    /// The inside, when the jail exists. Returns further results.
    ResultMap attach(const DriverCall& call) override;

    /// Removes everything, and gives the object's leases back. Nothing there is fine.
    void teardown(const DriverCall& call) override;

    [[nodiscard]] DriverCondition check(const DriverCall& call);

  private:
    std::unique_ptr<DriverInstance> instance_;
};

}  // namespace brig
