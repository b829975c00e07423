// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/isolation/message.hpp"
#include "drivers/tables.hpp"

#include <string>
#include <vector>

namespace brig::isolation {

/// What a driver says of itself, as a message. @param tables as offered_tables() gives them
[[nodiscard]] std::string describe_tables(const DriverTables& tables);

/// The same, read: facts and options of a driver that is elsewhere.
class Description {
  public:
    /// @throws BadMessage
    explicit Description(std::string message);
    Description(const Description&) = delete;
    Description& operator=(const Description&) = delete;
    Description(Description&&) = delete;
    Description& operator=(Description&&) = delete;
    ~Description() = default;

    /// Its tables have facts, options and nothing that could be called. Valid as long as this
    /// object is.
    [[nodiscard]] const DriverTables& tables() const noexcept { return tables_; }

    /// bit_of() each operation that the driver has.
    [[nodiscard]] std::int64_t operations() const noexcept { return operations_; }

  private:
    void read_facts(MessageReader& reader);
    void read_options(MessageReader& reader);

    std::string message_;
    std::vector<brig_option> options_;
    DriverTables tables_{};
    std::int64_t operations_ = 0;
};

}  // namespace brig::isolation
