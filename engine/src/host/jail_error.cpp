// SPDX-License-Identifier: BSD-2-Clause
#include "host/jail_error.hpp"

#include <cerrno>

namespace brig {

ErrorCode jail_error_code(int error_number) noexcept {
    switch (error_number) {
        case EEXIST:
            return ErrorCode::already_exists;
        case EPERM:
        case EACCES:
            return ErrorCode::permission;
        case EINVAL:
        case ENAMETOOLONG:
            return ErrorCode::invalid_config;
        default:
            return ErrorCode::system;
    }
}

void refuse_jail(int error_number, const std::string& message) {
    throw Error{jail_error_code(error_number), message, {error_number, std::generic_category()}};
}

void refuse_jail_param(int error_number, const std::string& subject) {
    refuse_jail(error_number, subject + ": " + std::generic_category().message(error_number));
}

}  // namespace brig
