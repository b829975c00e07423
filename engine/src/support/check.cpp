// SPDX-License-Identifier: BSD-2-Clause
#include "support/check.hpp"

namespace brig {

void throw_system_error(int error_number, std::string_view attempt) {
    const std::error_code cause{error_number, std::generic_category()};
    const bool refused = error_number == EPERM || error_number == EACCES;
    throw Error{refused ? ErrorCode::permission : ErrorCode::system,
                fmt::format("{}: {}", attempt, cause.message()),
                cause};
}

}  // namespace brig
