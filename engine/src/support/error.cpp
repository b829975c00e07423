// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"

namespace brig {

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::invalid_config:
            return "invalid_config";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::already_exists:
            return "already_exists";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::bad_driver:
            return "bad_driver";
        case ErrorCode::permission:
            return "permission";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::command_not_executable:
            return "command_not_executable";
        case ErrorCode::command_not_found:
            return "command_not_found";
        case ErrorCode::system:
            return "system";
        case ErrorCode::interrupted:
            return "interrupted";
        case ErrorCode::internal:
            break;
    }
    return "internal";
}

const char* Error::what() const noexcept {
    return std::runtime_error::what();
}

std::string full_message(const std::exception& failure) {
    const auto* error = dynamic_cast<const Error*>(&failure);
    if (error == nullptr) {
        return failure.what();
    }
    std::string message;
    // NOLINTNEXTLINE(modernize-loop-convert): libc++ 14 has no views::reverse
    for (auto attempt = error->trail().rbegin(); attempt != error->trail().rend(); ++attempt) {
        message += *attempt + ": ";
    }
    return message + error->what();
}

}  // namespace brig
