// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace brig::net {

using sdk::Error;

/// Throws Error with the status that fits `error_number`: permission, conflict, exhausted, ….
/// @param detail what the kernel said besides, or ""
[[noreturn]] void throw_errno(int error_number,
                              const std::string& attempt,
                              const std::string& detail = {});

/// @throws Error{BRIG_INVALID} for what a user has written
[[noreturn]] void refuse(const std::string& message, const std::string& hint = {});

/// Passes on the result of a system call, or throws; `attempt` is joined only then.
///
///     check(::open(path, O_RDONLY), "open '", path, "'");
template <typename Result, typename... Text>
Result check(Result result, const Text&... attempt) {
    if (result < 0) {
        const int error_number = errno;
        std::string whole;
        ((whole += attempt), ...);
        throw_errno(error_number, whole);
    }
    return result;
}

/// Owns a descriptor.
class UniqueFd {
  public:
    UniqueFd() noexcept = default;
    explicit UniqueFd(int fd) noexcept : fd_{fd} {}
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    UniqueFd(UniqueFd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~UniqueFd() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

}  // namespace brig::net
