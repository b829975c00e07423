// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/isolation/channel.hpp"
#include "support/helper_process.hpp"
#include "support/unique_resource.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace brig::isolation {

/// What is printed to a descriptor that nobody was given.
class PrintedText {
  public:
    explicit PrintedText(UniqueFd fd);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Takes what is there, without waiting. What is too long is dropped.
    void drain();

    /// What was printed since the last time.
    [[nodiscard]] std::string take() noexcept { return std::exchange(text_, {}); }

  private:
    UniqueFd fd_;
    std::string text_;
};

/// A running brig-driver-host. When this goes, it has ended, with all that the driver has started.
class DriverProcess {
  public:
    /// Asked ten times a second while something is awaited; ends the waiting by throwing.
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

    pid_t owner_;
    std::unique_ptr<Channel> channel_;
    std::unique_ptr<PrintedText> output_;
    std::unique_ptr<PrintedText> errors_;
    std::unique_ptr<HelperProcess> process_;
    Patience patience_;
};

}  // namespace brig::isolation
