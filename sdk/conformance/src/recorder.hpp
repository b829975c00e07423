// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "shared_block.hpp"

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace brig::conformance {

/// What is to happen at one host call.
struct Fault {
    enum class Kind {
        none,
        die_before,            ///< SIGKILL, before the engine has done anything
        die_after,             ///< SIGKILL, when the engine has done it
        refuse,                ///< it returns `status` and nothing is done
        program_fails,         ///< of run: the program does nothing and fails
        program_lies_failure,  ///< of run: the program does its work and says that it failed
        program_lies_success,  ///< of run: the program does nothing and says that it succeeded
        program_tears          ///< of run: the program is killed in the middle
    };

    Kind kind = Kind::none;
    unsigned call = 0;  ///< of the armed operation, from 1
    brig_status status = BRIG_OK;
};

/// One call of a host service, as it was seen.
struct HostCall {
    unsigned number = 0;             ///< in its operation, from 1
    std::string service;             ///< "run"
    std::string words;               ///< its arguments, for people
    std::vector<std::string> texts;  ///< the arguments themselves
    std::string result;              ///< what came back; empty while it is under way
};

/// Which version of the engine a driver believes to see.
enum class TableAge {
    current,
    oldest,  ///< the tables of SDK 1.0
    newer    ///< longer tables, and flags that nobody knows yet
};

/// Stands between the driver and the engine's services: counts and notes every call, and makes one
/// of them go wrong where that is wanted. One for the process, since the services are functions
/// without a context of their own; see recorder().
class Recorder {
  public:
    /// To be called once in each process of a test, before an instance is opened.
    void begin_test(SharedBlock* block, std::filesystem::path programs);

    /// The table for the driver in place of `real`. Valid for ever.
    const brig_host* wrap(const brig_host* real, TableAge age);

    /// An operation begins: its calls are counted from 1.
    void begin_operation(const std::string& what);
    void end_operation(const std::string& how);

    void arm(const Fault& fault) { fault_ = fault; }
    [[nodiscard]] const Fault& fault() const noexcept { return fault_; }

    /// From which call of an operation on it is cancelled; 0: never.
    void cancel_from(unsigned call) { cancel_from_ = call; }
    [[nodiscard]] bool is_cancelled() const;

    /// Every new lease finds its pool exhausted.
    void exhaust_pools(bool exhausted) { pools_exhausted_ = exhausted; }

    /// The calls since the operation began, or since keep_all().
    [[nodiscard]] std::vector<HostCall> calls();
    void keep_all(bool keep) { keeps_all_ = keep; }

    /// Whether the armed fault happened.
    [[nodiscard]] bool has_struck() const noexcept { return struck_; }

    // For the functions of the table.
    [[nodiscard]] const brig_host& real() const noexcept { return *real_; }
    [[nodiscard]] const std::filesystem::path& programs() const noexcept { return programs_; }
    [[nodiscard]] bool pools_exhausted() const noexcept { return pools_exhausted_; }

    /// Notes a call; the process may end here.
    std::size_t enter(std::string service, std::vector<std::string> texts);

    /// The fault that the call under way is to meet.
    [[nodiscard]] Fault fault_of(std::size_t index);
    void leave(std::size_t index, const std::string& result);

  private:
    void die(const HostCall& call, std::string_view when);
    void note(const std::string& line);

    SharedBlock* block_ = nullptr;
    std::filesystem::path programs_;
    const brig_host* real_ = nullptr;
    Fault fault_;
    std::atomic<unsigned> cancel_from_{0};
    std::atomic<bool> pools_exhausted_{false};
    std::atomic<bool> struck_{false};
    std::atomic<unsigned> counter_{0};
    std::mutex mutex_;
    std::vector<HostCall> calls_;
    bool keeps_all_ = false;
};

/// The process's.
[[nodiscard]] Recorder& recorder();

/// "BRIG_BUSY", or the number.
[[nodiscard]] std::string status_name(brig_status status);

}  // namespace brig::conformance
