// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"

#include <string>

namespace brig {

/// What kind of error the errno of a failed jail_set(2) or jail_get(2) is.
[[nodiscard]] ErrorCode jail_error_code(int error_number) noexcept;

/// Refuses a call on a jail as the kernel does: with an errno, and its text for it.
[[noreturn]] void refuse_jail(int error_number, const std::string& message);

/// The same where the kernel has an errno but no text: `subject` is what it does not like.
[[noreturn]] void refuse_jail_param(int error_number, const std::string& subject);

}  // namespace brig
