// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "brig/settings.hpp"
#include "drivers/host_services.hpp"
#include "drivers/isolation/isolated_driver.hpp"
#include "drivers/tables.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// A driver that can be called: in this process, for good, or in one of its own.
struct LoadedDriver {
    DriverTables tables{};
    std::unique_ptr<isolation::IsolatedDriver> isolated;     ///< nullptr: in this process
    std::chrono::milliseconds time_limit = kUsualTimeLimit;  ///< of its operations
    mutable std::mutex serial;  ///< held over each call if it is BRIG_SERIAL

    /// Opens an instance.
    brig_status open(const brig_host& host,
                     brig_call* call,
                     const char* name,
                     brig_map config,
                     brig_inst** instance) const {
        return isolated ? isolated->open(call, name, config, instance)
                        : tables.base.open(&host, call, name, config, instance);
    }
};

/// What objects of the instance itself bear, as those of containers bear "brig:ENGINE:ID".
[[nodiscard]] inline std::string instance_tag(const std::string& engine_id,
                                              const std::string& name) {
    return "brig:" + engine_id + ":n-" + name;
}

/// An operation to be performed: how it is called in messages ("preparing"), and what it may do.
struct Step {
    std::string_view doing;
    OperationKind kind;
};

/// A configured instance of a driver, and the way into it: every call of an operation goes through
/// `perform`. What networks and storages have in common.
class DriverInstance {
  public:
    /// Opens the instance. @param options resolved, see resolve_options()
    DriverInstance(std::shared_ptr<const LoadedDriver> driver,
                   std::shared_ptr<const HostServices> host,
                   std::string name,
                   OptionMap options);
    DriverInstance(const DriverInstance&) = delete;
    DriverInstance& operator=(const DriverInstance&) = delete;
    DriverInstance(DriverInstance&&) = delete;
    DriverInstance& operator=(DriverInstance&&) = delete;
    ~DriverInstance();

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// "network 'lan' (net-vnet)".
    [[nodiscard]] const std::string& label() const noexcept { return label_; }

    [[nodiscard]] const DriverTables& tables() const noexcept { return driver_->tables; }

    /// With the defaults filled in.
    [[nodiscard]] const OptionMap& options() const noexcept { return options_; }

    [[nodiscard]] const HostServices& host() const noexcept { return *host_; }

    /// @throws Error when a new set-up could not succeed now.
    void require_ready();

    /// Everything on the host that bears a tag of this engine.
    [[nodiscard]] std::vector<ListedObject> list();

    /// The driver's side of an operation: calls one function of its tables.
    using Entry = std::function<brig_status(brig_inst*, brig_call*, const brig_ref*)>;

    /// Performs an operation on an object, and returns what the driver said.
    /// @throws Error as the driver's status and words have it; its trail says what was done to
    ///         which object of which instance.
    Operation perform(const Step& step, const DriverCall& call, const Entry& entry);

    /// The same for a check, whose statuses are answers.
    [[nodiscard]] DriverCondition check(const DriverCall& call, const Entry& entry);

  private:
    [[nodiscard]] Operation new_operation(OperationKind kind, const DriverCall* call) const;
    [[nodiscard]] std::string attempt(std::string_view doing, const DriverCall& call) const;
    brig_status enter(Operation& operation, const std::function<brig_status(brig_call*)>& entry);
    brig_status enter_with(Operation& operation, const Entry& entry);

    std::shared_ptr<const LoadedDriver> driver_;
    std::shared_ptr<const HostServices> host_;
    std::string name_;
    std::string label_;
    std::string path_;  ///< "network/lan"
    std::string tag_;   ///< of what belongs to the instance as a whole
    OptionMap options_;
    std::vector<std::unique_ptr<brig_call>> calls_;
    std::mutex calls_mutex_;
    std::mutex serial_;  // held over each call if the driver is BRIG_PER_INSTANCE
    brig_inst* handle_ = nullptr;
};

}  // namespace brig
