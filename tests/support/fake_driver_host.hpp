// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"

#include <map>
#include <string>
#include <vector>

namespace brig::test {

/// What a driver did with the host services during one call.
struct Spoken {
    brig_status status = BRIG_OK;  ///< what the operation returned
    std::string message;           ///< of fail()
    std::string hint;
    std::map<std::string, std::string> results;
    std::vector<std::string> log;

    struct Item {
        std::string owner, id, note;
    };
    std::vector<Item> items;
};

/// A storage driver, loaded from its file, and an engine that is just large enough to call it.
class StorageUnderTest {
  public:
    using Config = std::map<std::string, std::string>;

    /// Loads `file` and opens an instance. Values "true" and "false" are of type BOOL, digits are
    /// of type SIZE.
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

    Spoken provision(const std::string& volume);
    Spoken provision(const std::string& volume, const std::string& source);
    Spoken activate(const std::string& volume);
    Spoken deactivate(const std::string& volume);
    Spoken destroy(const std::string& volume);
    Spoken check(const std::string& volume);
    Spoken snapshot(const std::string& volume, const std::string& name);
    Spoken snapshot_destroy(const std::string& volume, const std::string& name);
    Spoken rollback(const std::string& volume, const std::string& name);
    Spoken snapshots(const std::string& volume);
    Spoken diff(const std::string& volume);  ///< from what it was cloned from
    Spoken diff(const std::string& volume, const std::string& since);
    Spoken usage(const std::string& volume);
    Spoken list();
    Spoken status();

    /// The result of opening the instance.
    [[nodiscard]] const Spoken& opened() const { return opened_; }

  private:
    [[nodiscard]] const brig_storage_inspect& inspect() const;
    Spoken on(const std::string& volume, brig_op* operation);
    Spoken on(const std::string& volume, brig_op_arg* operation, const char* argument);

    const brig_driver* driver_ = nullptr;
    brig_inst* instance_ = nullptr;
    brig_host host_;
    Spoken opened_;
    unsigned flags_ = 0;
    bool cancelled_ = false;
    std::string owner_ = "brig/test";
    Config options_;
};

}  // namespace brig::test
