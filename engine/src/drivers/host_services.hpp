// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "drivers/driver_call.hpp"
#include "drivers/driver_store.hpp"
#include "params/merge.hpp"
#include "support/log.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// What drivers get from the engine that uses them.
struct DriverServices {
    std::string engine_version;
    std::string engine_id;         ///< differs between state directories; part of names on the host
    std::string platform;          ///< HostFacts::platform
    std::string release;           ///< HostFacts::release
    DriverStore* store = nullptr;  ///< must outlive every instance
    Log log;
    std::filesystem::path helpers;    ///< the folder of programs that drivers bring along
    std::function<bool()> cancelled;  ///< the user asked to stop; may be empty
    std::function<void(std::uint64_t done, std::uint64_t total, std::string_view what)> progress;
};

/// What an operation is allowed to do.
enum class OperationKind {
    open,
    query,
    list,     ///< may report objects
    inspect,  ///< a query about one object that reports several, or records results
    set_up,   ///< may contribute parameters and record results
    inside,   ///< may record results
    removal,  ///< is not interrupted by the user
};

/// Where one operation stands: what it works on, and what it has said so far.
struct Operation {
    OperationKind kind = OperationKind::query;
    const DriverServices* services = nullptr;
    std::string_view instance;         ///< "network/lan"; it outlives the operation, as all views
    std::string_view label;            ///< "network 'lan' (net-vnet)"
    std::string_view allowed_params;   ///< globs
    const DriverCall* call = nullptr;  ///< nullptr: no object
    std::chrono::steady_clock::time_point deadline;

    // What it said.
    ImportProgress so_far;
    std::vector<Contribution> params;
    ResultMap results;
    std::vector<ListedObject> items;
    std::string message;
    std::string hint;
    std::string last_program;     ///< what the last program that failed wrote to stderr
    std::string service_failure;  ///< the last failure of the engine itself
    std::string violation;        ///< how the driver broke its contract
};

/// The table of services that drivers call.
class HostServices {
  public:
    explicit HostServices(DriverServices services);
    HostServices(const HostServices&) = delete;
    HostServices& operator=(const HostServices&) = delete;
    HostServices(HostServices&&) = delete;
    HostServices& operator=(HostServices&&) = delete;
    ~HostServices() = default;

    /// Valid as long as this object is.
    [[nodiscard]] const brig_host& table() const noexcept { return table_; }

    [[nodiscard]] const DriverServices& services() const noexcept { return services_; }

  private:
    DriverServices services_;
    brig_host table_;
};

/// Gives back every lease of the object of a removal that succeeded, unless its container is kept:
/// a lazy driver cannot leak one.
void release_leases(const Operation& removal);

/// True if `name` matches one of the blank-separated globs, in which `*` is any text.
[[nodiscard]] bool matches_any_glob(std::string_view name, std::string_view globs);

}  // namespace brig

/// The engine's side of a handle on an operation. It is kept as long as the instance, so that a
/// thread of the driver that is late finds an operation that has ended, not freed memory.
struct brig_call {           // NOLINT(readability-identifier-naming): declared in brig/driver.h
    std::shared_mutex gate;  ///< held shared by every service; exclusively to end the operation
    std::mutex data;         ///< guards what the operation says
    brig::Operation* operation = nullptr;  ///< nullptr: it has ended
};
