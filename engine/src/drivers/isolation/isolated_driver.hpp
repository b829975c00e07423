// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/host_services.hpp"
#include "drivers/isolation/description.hpp"
#include "drivers/isolation/driver_process.hpp"
#include "drivers/tables.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace brig::isolation {

class IsolatedInstance;

/// A driver that runs in a process of its own, behind the same tables as one that is loaded. When
/// the process crashes or has to be killed, the operation under way fails; the next one starts
/// another process.
class IsolatedDriver {
  public:
    /// Starts the process and asks what the driver is.
    /// @param program brig-driver-host
    /// @throws Error{bad_driver} as the loading of a driver does, or when it crashes meanwhile
    IsolatedDriver(std::filesystem::path program,
                   std::filesystem::path file,
                   std::shared_ptr<const HostServices> host);
    IsolatedDriver(const IsolatedDriver&) = delete;
    IsolatedDriver& operator=(const IsolatedDriver&) = delete;
    IsolatedDriver(IsolatedDriver&&) = delete;
    IsolatedDriver& operator=(IsolatedDriver&&) = delete;
    ~IsolatedDriver();

    /// All but `base.open`, which is open() below. Valid as long as this object is.
    [[nodiscard]] const DriverTables& tables() const noexcept { return tables_; }

    /// Opens an instance, in place of the table's operation.
    brig_status open(brig_call* call, const char* name, brig_map config, brig_inst** handle);

  private:
    friend class IsolatedInstance;

    [[nodiscard]] std::string greet(DriverProcess& process) const;
    void require_process();
    brig_status misbehaved(brig_call* call, const std::string& how);
    brig_status broken_off(brig_call* call);

    [[nodiscard]] std::optional<brig_status> talk(brig_call* call,
                                                  const MessageWriter& request,
                                                  const std::vector<int>& descriptors);
    [[nodiscard]] std::optional<brig_status> take_turn(brig_call* call, const std::string& message);
    brig_status converse(brig_call* call,
                         const MessageWriter& request,
                         const std::vector<int>& descriptors);
    brig_status perform(brig_call* call,
                        IsolatedInstance& instance,
                        const MessageWriter& request,
                        const std::vector<int>& descriptors);
    void close(const IsolatedInstance& instance) noexcept;
    void pass_on(const Operation& operation, const std::string& errors) const;
    brig_status finish(Operation& operation, MessageReader& done);

    std::filesystem::path program_;
    std::filesystem::path file_;
    std::shared_ptr<const HostServices> host_;
    std::unique_ptr<Description> description_;
    DriverTables tables_{};

    std::mutex turn_;  // one operation at a time
    std::unique_ptr<DriverProcess> process_;
    std::uint64_t generation_ = 0;  // of the process
    std::int64_t last_instance_ = 0;
};

}  // namespace brig::isolation
