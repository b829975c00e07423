// SPDX-License-Identifier: BSD-2-Clause
#include "system.hpp"

#include <system_error>

namespace brig::net {

namespace {

brig_status status_for(int error_number) {
    switch (error_number) {
        case EPERM:
        case EACCES:
            return BRIG_PERMISSION;
        case EEXIST:
            return BRIG_CONFLICT;
        case EBUSY:
            return BRIG_BUSY;
        case ENOSPC:
        case ENOMEM:
        case ENOBUFS:
        case EMFILE:
        case ENFILE:
            return BRIG_EXHAUSTED;
        case EOPNOTSUPP:
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
        case ENOSYS:
            return BRIG_UNSUPPORTED;
        case ENODEV:
        case ENXIO:
            return BRIG_UNAVAILABLE;
        default:
            return BRIG_INTERNAL;
    }
}

const char* hint_for(int error_number) {
    return error_number == EPERM || error_number == EACCES
               ? "networks of jails are made by root (on Linux: CAP_NET_ADMIN and CAP_SYS_ADMIN)"
               : "";
}

}  // namespace

void throw_errno(int error_number, const std::string& attempt, const std::string& detail) {
    std::string message = attempt + ": " + std::generic_category().message(error_number);
    if (!detail.empty()) {
        message += " (" + detail + ")";
    }
    throw Error{status_for(error_number), std::move(message), hint_for(error_number)};
}

void refuse(const std::string& message, const std::string& hint) {
    throw Error{BRIG_INVALID, message, hint};
}

}  // namespace brig::net
