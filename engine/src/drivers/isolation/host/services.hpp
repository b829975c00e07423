// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "drivers/isolation/channel.hpp"
#include "drivers/isolation/message.hpp"
#include "drivers/isolation/protocol.hpp"

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

namespace brig::isolation {

class Services;

/// Who the engine is.
struct EngineFacts {
    std::string name, version, id, platform;
};

/// The services of an engine that is in another process: each is sent there, and the answer
/// awaited.
class Services {
  public:
    Services(Channel& channel, EngineFacts facts);
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;
    Services(Services&&) = delete;
    Services& operator=(Services&&) = delete;
    ~Services();

    [[nodiscard]] const brig_host& table() const noexcept { return table_; }

    /// A handle for one operation. Freed with this object only, since threads of the driver may be
    /// late.
    [[nodiscard]] brig_call* begin();

    /// Waits until no thread is in a service any more, and lets none in.
    static void end(brig_call& call);

    /// Sends what wants no reply.
    void tell(const MessageWriter& message);

    /// Sends a request and returns the reply.
    [[nodiscard]] std::string ask(const MessageWriter& request,
                                  const std::vector<int>& descriptors = {});

    /// Tells the engine, once, that a service was called too late.
    void tell_late(Event service);

  private:
    Channel& channel_;
    std::mutex turn_;  // one service at a time
    EngineFacts facts_;
    brig_host table_;
    std::mutex calls_mutex_;
    std::vector<std::unique_ptr<brig_call>> calls_;
    bool told_late_ = false;
};

}  // namespace brig::isolation

/// A handle on an operation under way.
struct brig_call {  // NOLINT(readability-identifier-naming): declared in brig/driver.h
    brig::isolation::Services* services = nullptr;
    std::shared_mutex gate;  ///< held shared by every service; exclusively to end the operation
    bool over = false;
};
