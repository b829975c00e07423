// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace brig {

/// Throws `Error{system}` (`Error{permission}` for EPERM and EACCES) for `error_number`, saying
/// what was being attempted: "open /etc/passwd: No such file or directory".
[[noreturn]] void throw_system_error(int error_number, std::string_view attempt);

/// Passes on the result of a system call, or throws when it is negative.
///
///     UniqueFd fd{check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open {}", path.native())};
///
/// errno is read before the message is built, so pass references to what the message needs, never
/// an expression that allocates.
template <typename Result, typename... Args>
Result check(Result result, fmt::format_string<Args...> attempt, Args&&... args) {
    if (result < 0) {
        const int error_number = errno;
        throw_system_error(error_number, fmt::format(attempt, std::forward<Args>(args)...));
    }
    return result;
}

/// Runs `step`, and adds `attempt` to any Error that leaves it.
template <typename Step>
decltype(auto) in_context(std::string_view attempt, Step&& step) {
    try {
        return std::forward<Step>(step)();
    } catch (Error& error) {
        error.add_context(std::string{attempt});
        throw;
    }
}

}  // namespace brig
