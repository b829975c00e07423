// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brig::test {

/// What a driver did with the host services during one call.
struct Spoken {
    brig_status status = BRIG_OK;  ///< what the operation returned
    std::string message;           ///< of fail()
    std::string hint;
    std::string errors;  ///< what the last program that failed wrote to stderr
    std::map<std::string, std::string> results;
    std::map<std::string, std::vector<std::string>> params;
    std::vector<std::string> log;
    std::vector<std::string> programs;  ///< the command lines that were run

    struct Item {
        std::string owner, id, note;
    };
    std::vector<Item> items;

    /// The items as "OWNER ID", sorted.
    [[nodiscard]] std::vector<std::string> pairs() const;
};

/// Something that happens to the n-th program that an operation runs.
struct RunFault {
    enum class Kind {
        fail_before,  ///< it is not run, and seems to have failed
        fail_after,   ///< it was run, and nobody learns how it ended
        die_before,   ///< this process is killed
        die_after
    };
    int at = 0;  ///< 0: none
    Kind kind = Kind::fail_before;
};

/// An operation under way, for code that a driver is made of.
class FakeCall {
  public:
    FakeCall();
    FakeCall(const FakeCall&) = delete;
    FakeCall& operator=(const FakeCall&) = delete;
    FakeCall(FakeCall&&) = delete;
    FakeCall& operator=(FakeCall&&) = delete;
    ~FakeCall();

    [[nodiscard]] const sdk::Call& get() const { return call_; }
    [[nodiscard]] Spoken& spoken();
    void set_fault(const RunFault& fault);
    void set_cancelled(bool cancelled);

  private:
    brig_host host_;
    std::unique_ptr<brig_call> raw_;
    sdk::Call call_;
};

/// A storage driver, loaded from its file, and an engine that is just large enough to call it.
class StorageUnderTest {
  public:
    using Config = std::map<std::string, std::string>;

    /// Loads `file` and opens an instance. Values are of the types that the driver's options have;
    /// the elements of a list are separated by newlines.
    StorageUnderTest(const std::string& file, const Config& config);
    StorageUnderTest(const StorageUnderTest&) = delete;
    StorageUnderTest& operator=(const StorageUnderTest&) = delete;
    StorageUnderTest(StorageUnderTest&&) = delete;
    StorageUnderTest& operator=(StorageUnderTest&&) = delete;
    ~StorageUnderTest();

    /// Of the following operations.
    void set_flags(unsigned flags) { flags_ = flags; }
    void set_owner(const std::string& owner) { owner_ = owner; }
    void set_options(const Config& options) { options_ = options; }
    void set_cancelled(bool cancelled) { cancelled_ = cancelled; }
    void set_fault(const RunFault& fault) { fault_ = fault; }

    Spoken provision(const std::string& volume);
    Spoken provision(const std::string& volume, const std::string& source);
    Spoken activate(const std::string& volume);
    Spoken deactivate(const std::string& volume);
    Spoken destroy(const std::string& volume);
    Spoken check(const std::string& volume);
    Spoken snapshot(const std::string& volume, const std::string& name);
    Spoken snapshot_destroy(const std::string& volume, const std::string& name);
    Spoken rollback(const std::string& volume, const std::string& name);
    Spoken list();
    Spoken status();

    // By the extensions; BRIG_UNSUPPORTED if the driver has none.
    Spoken snapshots(const std::string& volume);
    Spoken diff(const std::string& volume);
    Spoken diff(const std::string& volume, const std::string& since);
    Spoken usage(const std::string& volume);
    Spoken send(const std::string& volume, const brig_stream& stream);
    Spoken receive(const std::string& volume, const brig_stream& stream);
    Spoken pending(const std::string& volume);

    /// The result of opening the instance.
    [[nodiscard]] const Spoken& opened() const { return opened_; }

  private:
    template <typename Operation>
    Spoken perform(const std::string& volume, Operation&& operation);
    Spoken on(const std::string& volume, brig_op* operation);
    Spoken on(const std::string& volume, brig_op_arg* operation, const char* argument);
    Spoken on(const std::string& volume, brig_op_stream* operation, const brig_stream& stream);

    const brig_driver* driver_ = nullptr;
    brig_inst* instance_ = nullptr;
    brig_host host_;
    Spoken opened_;
    unsigned flags_ = 0;
    bool cancelled_ = false;
    RunFault fault_;
    std::string owner_ = "brig/test";
    Config options_;
};

}  // namespace brig::test
