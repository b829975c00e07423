// SPDX-License-Identifier: BSD-2-Clause
#include "system.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <system_error>

namespace brig::storage_zfs {

brig_status status_for(int error_number) noexcept {
    switch (error_number) {
        case EBUSY:
        case ETXTBSY:
            return BRIG_BUSY;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
            return BRIG_EXHAUSTED;
        case EPERM:
        case EACCES:
            return BRIG_PERMISSION;
        case EROFS:
        case EIO:
        case ENXIO:
        case ENOTCONN:
            return BRIG_UNAVAILABLE;
        case EOPNOTSUPP:
        case ENODEV:
        case ENOSYS:
            return BRIG_UNSUPPORTED;
        case ENAMETOOLONG:
        case ELOOP:
        case ENOTDIR:
            return BRIG_INVALID;
        default:
            return BRIG_INTERNAL;
    }
}

void throw_errno(int error_number, const std::string& attempt) {
    throw Error{status_for(error_number),
                attempt + ": " + std::generic_category().message(error_number),
                error_number == EPERM || error_number == EACCES ? "run as root" : ""};
}

std::string quoted(const std::vector<std::string>& names) {
    constexpr std::size_t kMost = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
        text += joined(i == 0 ? "'" : ", '", names[i], "'");
    }
    if (names.size() > kMost) {
        text += joined(" and ", std::to_string(names.size() - kMost), " more");
    }
    return text;
}

std::optional<std::vector<std::string>> try_names_in(int folder) {
    // A descriptor of its own, since reading moves the position.
    UniqueFd own{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{own ? ::fdopendir(own.get()) : nullptr,
                                                     &::closedir};
    if (stream == nullptr) {
        return std::nullopt;
    }
    static_cast<void>(own.release());
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name{static_cast<const char*>(entry->d_name)};
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
        errno = 0;
    }
    return errno == 0 ? std::optional{std::move(names)} : std::nullopt;
}

std::string read_whole(int fd, const std::string& name) {
    constexpr std::size_t kStep = std::size_t{16} * 1024;
    std::string text;
    std::size_t length = 0;
    for (;;) {
        text.resize(length + kStep);
        const ssize_t got = check(
            ::pread(fd, text.data() + length, kStep, static_cast<off_t>(length)), "read ", name);
        if (got == 0) {
            break;
        }
        length += static_cast<std::size_t>(got);
    }
    text.resize(length);
    return text;
}

}  // namespace brig::storage_zfs
