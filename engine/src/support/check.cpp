// SPDX-License-Identifier: BSD-2-Clause
#include "support/check.hpp"

namespace brig {

namespace {

/// What the user can do where the kernel's reason alone tells.
std::string hint_for(int error_number) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
            return "free some space on that file system, then try again";
        case EROFS:
            return "choose other directories with --state and --run";
        case EMFILE:
        case ENFILE:
            return "raise the limit of open files";
        default:
            return "";
    }
}

}  // namespace

void throw_system_error(int error_number, std::string_view attempt) {
    const std::error_code cause{error_number, std::generic_category()};
    const bool refused = error_number == EPERM || error_number == EACCES;
    throw Error{refused ? ErrorCode::permission : ErrorCode::system,
                fmt::format("{}: {}", attempt, cause.message()),
                cause}
        .with_hint(hint_for(error_number));
}

}  // namespace brig
