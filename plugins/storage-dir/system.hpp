// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brig::storage_dir {

using sdk::Error;

/// Of a mode_t, what chmod(2) sets.
inline constexpr mode_t kModeBits = 07777;

/// Throws Error with the status that fits `error_number`: busy, exhausted, permission, ….
[[noreturn]] void throw_errno(int error_number, const std::string& attempt);

/// The texts one after the other, without temporaries between them.
template <typename... Text>
[[nodiscard]] std::string joined(const Text&... texts) {
    std::string whole;
    ((whole += texts), ...);
    return whole;
}

/// Passes on the result of a system call, or throws; `attempt` is joined only then.
///
///     check(::mkdirat(fd, "work", 0700), "make folder '", path, "/work'");
template <typename Result, typename... Text>
Result check(Result result, const Text&... attempt) {
    if (result < 0) {
        const int error_number = errno;
        throw_errno(error_number, joined(attempt...));
    }
    return result;
}

/// The same for calls that may find `allowed` done already: true if the call did it.
template <typename... Text>
bool check_unless(int allowed, int result, const Text&... attempt) {
    if (result < 0 && errno == allowed) {
        return false;
    }
    check(result, attempt...);
    return true;
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

    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// The names in a folder, without "." and "..".
[[nodiscard]] std::vector<std::string> names_in(int folder, const std::string& path);

/// The same; nothing and errno if the folder cannot be read.
[[nodiscard]] std::optional<std::vector<std::string>> try_names_in(int folder);

/// Is there anything called `name` in `folder`? A symbolic link is something by itself. Throws if
/// that cannot be found out: what is only not readable now must not be taken for gone.
[[nodiscard]] bool exists_in(int folder, const std::string& name);

/// What the symbolic link `name` in `folder` holds; empty if there is none.
[[nodiscard]] std::string read_link(int folder, const std::string& name);

}  // namespace brig::storage_dir
