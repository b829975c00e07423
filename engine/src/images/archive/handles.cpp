// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/handles.hpp"

#include "brig/error.hpp"

#include <cerrno>
#include <system_error>

namespace brig::archive {

namespace {

// What libarchive sets for a malformed archive; its private ARCHIVE_ERRNO_FILE_FORMAT. Its other
// own codes are negative (ARCHIVE_ERRNO_MISC) or EINVAL (ARCHIVE_ERRNO_PROGRAMMER).
#ifdef EFTYPE
constexpr int kMalformed = EFTYPE;
#else
constexpr int kMalformed = EILSEQ;
#endif

}  // namespace

int last_errno(::archive* archive) noexcept {
    const int number = ::archive_errno(archive);
    return number > 0 && number != kMalformed && number != EINVAL ? number : 0;
}

std::string last_message(::archive* archive) {
    const char* text = ::archive_error_string(archive);
    std::string message = text != nullptr ? text : "damaged or truncated";
    const int number = last_errno(archive);
    if (number == 0) {
        return message;
    }
    const std::string reason = std::generic_category().message(number);
    return message.find(reason) == std::string::npos ? message + ": " + reason : message;
}

void throw_last(::archive* archive, const std::string& attempt) {
    const int number = last_errno(archive);
    const bool refused = number == EPERM || number == EACCES;
    const ErrorCode kernel = refused ? ErrorCode::permission : ErrorCode::system;
    throw Error{number == 0 ? ErrorCode::invalid_config : kernel,
                attempt + ": " + last_message(archive),
                std::error_code{number, std::generic_category()}};
}

void check_archive(int result, ::archive* archive, const std::string& attempt) {
    if (result < ARCHIVE_OK) {
        throw_last(archive, attempt);
    }
}

std::string path_of(::archive_entry* entry) {
    const char* path = ::archive_entry_pathname(entry);
    return path != nullptr ? path : "";
}

}  // namespace brig::archive
