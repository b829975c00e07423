// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace brig::archive {

/// What this program tells the engine, one line a message:
///
///     progress ENTRIES BYTES    at most ten a second
///     fact NAME=VALUE           what was found out, with what would disturb the line as %XX
///     warning TEXT              something was not kept; we went on
///     hint TEXT                 precedes the error it belongs to
///     error ERRNO TEXT          we gave up; ERRNO is 0 when the archive is to blame
///     done ENTRIES BYTES        everything is there
class Status {
  public:
    /// Borrows `fd`.
    explicit Status(int fd) noexcept : fd_{fd} {}

    void count_entry();
    /// @throws Error{invalid_config} when there are more than the limit allows.
    void count_bytes(std::uint64_t bytes);

    /// 0: there is none.
    void limit_bytes(std::uint64_t most) noexcept { most_bytes_ = most; }

    void fact(std::string_view name, std::string_view value) const;

    void warning(std::string_view text) const;
    void error(const Error& error) const;
    void done() const;

    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }

  private:
    void report_when_due();
    void send(std::string_view line) const;

    int fd_;
    std::uint64_t entries_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t most_bytes_ = 0;
    std::chrono::steady_clock::time_point reported_ = std::chrono::steady_clock::now();
};

}  // namespace brig::archive
