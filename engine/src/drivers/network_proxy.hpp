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
    NetworkProxy(std::unique_ptr<DriverInstance> instance, NetworkTraits traits);

    [[nodiscard]] const std::string& name() const noexcept override { return instance_->name(); }
    [[nodiscard]] const std::string& label() const noexcept { return instance_->label(); }
    [[nodiscard]] DriverInstance& instance() noexcept { return *instance_; }

    [[nodiscard]] const NetworkTraits& traits() const noexcept override { return traits_; }
    [[nodiscard]] OptionMap options_for(const std::vector<std::string>& written,
                                        Findings& findings) const override;
    [[nodiscard]] bool has_option(const std::string& option) const override;
    [[nodiscard]] bool attaches_live() const override;
    [[nodiscard]] bool detaches() const override;
    [[nodiscard]] bool has_shared() const override;
    void detach(const DriverCall& call) override;

    /// The host's side, before the jail exists. With BRIG_F_DRY_RUN nothing is changed, and the
    /// contribution is what it would be.
    [[nodiscard]] NetworkContribution prepare(const DriverCall& call) override;

    /// The inside, when the jail exists. Returns further results.
    ResultMap attach(const DriverCall& call) override;

    /// Removes everything, and gives the object's leases back. Nothing there is fine.
    void teardown(const DriverCall& call) override;

    [[nodiscard]] DriverCondition check(const DriverCall& call) override;

    void ensure_shared() override;
    void remove_shared() override;
    [[nodiscard]] DriverCondition check_shared() override;

    [[nodiscard]] std::vector<ListedObject> list() override { return instance_->list(); }

  private:
    [[nodiscard]] DriverCall call_for_shared() const;

    std::unique_ptr<DriverInstance> instance_;
    NetworkTraits traits_;
};

}  // namespace brig
