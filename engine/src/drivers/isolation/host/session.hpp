// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/isolation/channel.hpp"
#include "drivers/isolation/host/services.hpp"
#include "drivers/tables.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>

namespace brig::isolation {

/// The driver's side: loads it, and performs what the engine asks for, until the engine is gone.
class Session {
  public:
    Session(Channel channel, std::filesystem::path driver);

    /// Returns the status that the process ends with.
    int serve();

  private:
    [[nodiscard]] bool greet();
    void answer(const std::string& message);
    void open(MessageReader& request);
    void perform(MessageReader& request);
    void close(MessageReader& request);
    void finish(brig_call& call, brig_status status);

    Channel channel_;
    std::filesystem::path driver_;
    DriverTables tables_{};
    std::unique_ptr<Services> services_;
    std::map<std::int64_t, brig_inst*> instances_;
};

}  // namespace brig::isolation
