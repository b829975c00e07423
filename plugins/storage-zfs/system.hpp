// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brig::storage_zfs {

using sdk::Error;

/// The status that fits an errno: busy, exhausted, permission, ….
[[nodiscard]] brig_status status_for(int error_number) noexcept;

[[noreturn]] void throw_errno(int error_number, const std::string& attempt);

/// The texts one after the other, without temporaries between them.
template <typename... Text>
[[nodiscard]] std::string joined(const Text&... texts) {
    std::string whole;
    ((whole += texts), ...);
    return whole;
}

/// Passes on the result of a system call, or throws; `attempt` is joined only then.
template <typename Result, typename... Text>
Result check(Result result, const Text&... attempt) {
    if (result < 0) {
        const int error_number = errno;
        throw_errno(error_number, joined(attempt...));
    }
    return result;
}

/// "'a', 'b' and 3 more": what a message says of a list.
[[nodiscard]] std::string quoted(const std::vector<std::string>& names);

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

    ~UniqueFd() { reset(); }

    void reset() noexcept {
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
    }

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// The names in an open folder, without "." and ".."; nothing and errno if it cannot be read.
[[nodiscard]] std::optional<std::vector<std::string>> try_names_in(int folder);

/// All that an open file holds, from its beginning.
[[nodiscard]] std::string read_whole(int fd, const std::string& name);

}  // namespace brig::storage_zfs
