// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_instance.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// A volume that is usable.
struct ActiveVolume {
    std::filesystem::path root;  ///< absolute, on the host
    std::vector<Contribution> params;
    ResultMap results;
};

/// A configured storage, [storage.NAME]. See brig_storage_ops for what the operations mean.
/// Every one throws Error as DriverInstance::perform does.
class StorageProxy {
  public:
    explicit StorageProxy(std::unique_ptr<DriverInstance> instance);

    [[nodiscard]] const std::string& name() const noexcept { return instance_->name(); }
    [[nodiscard]] const std::string& label() const noexcept { return instance_->label(); }
    [[nodiscard]] DriverInstance& instance() noexcept { return *instance_; }

    /// @param source "VOLUME@SNAPSHOT" to be cloned, or nothing for an empty volume
    ResultMap provision(const DriverCall& call, const std::optional<std::string>& source);

    /// @throws Error{bad_driver} when the driver gives no absolute path.
    [[nodiscard]] ActiveVolume activate(const DriverCall& call);

    void deactivate(const DriverCall& call);

    /// @throws Error{conflict} when the volume is active or something was cloned from it.
    void destroy(const DriverCall& call);

    [[nodiscard]] DriverCondition check(const DriverCall& call);

    // By capability: Error{unsupported} without.
    void snapshot(const DriverCall& call, const std::string& snapshot);
    void snapshot_destroy(const DriverCall& call, const std::string& snapshot);
    void rollback(const DriverCall& call, const std::string& snapshot);

  private:
    Operation perform_with(const Step& step,
                           const DriverCall& call,
                           brig_op_arg* operation,
                           const char* argument);

    std::unique_ptr<DriverInstance> instance_;
};

}  // namespace brig
