// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace BRIG_API brig {

/// What went wrong, by who can act on it.
///
/// The list is closed and documented: a caller may switch over it, the command line maps it to an
/// exit status, and the driver interface maps it to a status code. A value is added only when some
/// caller would behave differently because of it.
enum class ErrorCode {
    /// A specification, a parameter or the configuration is wrong. The user can mend it.
    invalid_config,
    /// A named container, image, network, storage or driver does not exist.
    not_found,
    /// The thing to be created is there already.
    already_exists,
    /// Two contributors want one thing differently, or the object is not in the state for it.
    conflict,
    /// A driver could not be loaded, speaks another interface version, or broke its contract.
    bad_driver,
    /// The caller lacks the privilege the operation needs.
    permission,
    /// This host or this driver cannot do it at all.
    unsupported,
    /// The command is there but the kernel will not execute it (exit status 126).
    command_not_executable,
    /// There is no such command in the container (exit status 127).
    command_not_found,
    /// The kernel refused a request. `Error::cause()` holds its errno.
    system,
    /// A signal asked us to stop; what had been done was undone.
    interrupted,
    /// A broken invariant in this program: report it as a bug.
    internal,
};

/// The name of `code` as documented, for example "not_found".
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// The one exception type that leaves the library.
///
/// It carries a code (for programs), one sentence naming the thing in quotes (for people), the
/// kernel's reason where the kernel spoke, the trail of what was being attempted, and a hint.
class Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string& message, std::error_code cause = {})
        : std::runtime_error{message}, code_{code}, cause_{cause} {}

    /// The sentence alone. Defined out of line on purpose: it ties the type's identity to one
    /// shared object, so that `catch (const Error&)` works across them.
    [[nodiscard]] const char* what() const noexcept override;

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }

    /// The kernel's errno, or an empty code when it was not the kernel that refused.
    [[nodiscard]] std::error_code cause() const noexcept { return cause_; }

    /// What was being attempted, innermost first.
    [[nodiscard]] const std::vector<std::string>& trail() const noexcept { return trail_; }

    /// What to do next; empty when there is nothing useful to say.
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

    /// Notes what the caller was trying to do when this error passed through.
    void add_context(std::string attempt) { trail_.push_back(std::move(attempt)); }

    /// The same error with `hint`. For use in a throw expression.
    [[nodiscard]] Error with_hint(std::string hint) && {
        hint_ = std::move(hint);
        return std::move(*this);
    }

  private:
    ErrorCode code_;
    std::error_code cause_;
    std::vector<std::string> trail_;
    std::string hint_;
};

/// The trail of an Error, outermost first, and the sentence: "starting 'web': provisioning storage:
/// …". Of any other exception what() alone.
[[nodiscard]] std::string full_message(const std::exception& failure);

}  // namespace brig
