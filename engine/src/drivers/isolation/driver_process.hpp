// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/isolation/channel.hpp"
#include "support/captured_text.hpp"
#include "support/helper_process.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace brig::isolation {

/// A running brig-driver-host. When this goes, it has ended, with all that the driver has started.
class DriverProcess {
  public:
    /// Asked ten times a second, however much the driver says; ends the conversation by throwing.
    using Patience = std::function<void()>;

    /// @throws Error{system} when it cannot be started
    DriverProcess(const std::filesystem::path& program, const std::filesystem::path& driver);
    DriverProcess(const DriverProcess&) = delete;
    DriverProcess& operator=(const DriverProcess&) = delete;
    DriverProcess(DriverProcess&&) = delete;
    DriverProcess& operator=(DriverProcess&&) = delete;
    ~DriverProcess();

    /// Whether this process started it, rather than one that it was forked from.
    [[nodiscard]] bool is_ours() const noexcept;

    [[nodiscard]] Channel& channel() noexcept { return *channel_; }

    void set_patience(Patience patience) { patience_ = std::move(patience); }

    [[nodiscard]] std::string take_output();
    [[nodiscard]] std::string take_errors();

    /// Ends it. Returns how it ended, as the end of a sentence about the driver: "crashed (signal
    /// 11)".
    [[nodiscard]] std::string end();

  private:
    void wait_for(short events);
    void lose_patience();

    pid_t owner_;
    std::unique_ptr<Channel> channel_;
    std::unique_ptr<CapturedText> output_;
    std::unique_ptr<CapturedText> errors_;
    std::unique_ptr<HelperProcess> process_;
    Patience patience_;
    std::chrono::steady_clock::time_point next_doubt_;  ///< when `patience_` is asked again
};

}  // namespace brig::isolation
