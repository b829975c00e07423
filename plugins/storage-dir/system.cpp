// SPDX-License-Identifier: BSD-2-Clause
#include "system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <memory>
#include <system_error>

namespace brig::storage_dir {
namespace {

brig_status status_for(int error_number) noexcept {
    switch (error_number) {
        case EBUSY:
        case ETXTBSY:
            return BRIG_BUSY;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
        case EMLINK:
            return BRIG_EXHAUSTED;
        case EPERM:
        case EACCES:
        case EROFS:
            return BRIG_PERMISSION;
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

const char* hint_for(int error_number) noexcept {
    switch (error_number) {
        case EDQUOT:
            return "make room in the volume, or give it a larger 'quota'";
        case ENOSPC:
            return "make room on the file system of the storage, or move its 'path'";
        case EPERM:
        case EACCES:
            return "run as root with the privilege to mount (CAP_SYS_ADMIN on Linux)";
        case EROFS:
            return "put the storage's 'path' on a file system that is writable";
        default:
            return "";
    }
}

}  // namespace

void throw_errno(int error_number, const std::string& attempt) {
    throw Error{status_for(error_number),
                attempt + ": " + std::generic_category().message(error_number),
                hint_for(error_number)};
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

std::vector<std::string> names_in(int folder, const std::string& path) {
    std::optional<std::vector<std::string>> names = try_names_in(folder);
    check(names ? 0 : -1, "read folder '", path, "'");
    return *std::move(names);
}

bool exists_in(int folder, const std::string& name) {
    // Not faccessat(2): FreeBSD's knows no AT_SYMLINK_NOFOLLOW.
    struct stat status {};
    return check_unless(ENOENT,
                        ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW),
                        "examine '",
                        name,
                        "'");
}

std::string read_link(int folder, const std::string& name) {
    std::array<char, 1024> text{};
    const ssize_t length = ::readlinkat(folder, name.c_str(), text.data(), text.size());
    if (length < 0 && errno == ENOENT) {
        return {};
    }
    check(length, "read link '", name, "'");
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace brig::storage_dir
