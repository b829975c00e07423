// SPDX-License-Identifier: BSD-2-Clause
#include "support/append_file.hpp"

#include "support/check.hpp"
#include "support/file_status.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace brig {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, std::string_view why, std::string hint = "") {
    throw Error{ErrorCode::invalid_config, fmt::format("'{}' {}", file.native(), why)}.with_hint(
        std::move(hint));
}

/// FreeBSD says EMLINK where Linux says ELOOP: open(2) of a symbolic link under O_NOFOLLOW.
int check_no_link(int fd, const fs::path& path) {
    if (fd < 0 && (errno == ELOOP || errno == EMLINK || errno == ENOTDIR)) {
        refuse(path, "is a symbolic link, or no directory");
    }
    return check(fd, "open '{}'", path.native());
}

UniqueFd open_folder(const fs::path& folder) {
    return UniqueFd{check(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                          "open the folder '{}'",
                          folder.native())};
}

/// The folder of `file`, each step below `root` through a descriptor of its own.
UniqueFd open_folder_below(const fs::path& root, const fs::path& file) {
    UniqueFd here = open_folder(root);
    fs::path path = root;
    for (const fs::path& name : file.lexically_relative(root).parent_path()) {
        path /= name;
        here.reset(check_no_link(
            ::openat(here.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
            path));
    }
    return here;
}

void require_own_file(int fd, const fs::path& file) {
    struct stat status {};
    check(::fstat(fd, &status), "look at '{}'", file.native());
    if (!S_ISREG(status.st_mode)) {
        refuse(file, "is not a regular file");
    }
    if (status.st_uid != effective_user()) {
        refuse(file,
               fmt::format("belongs to user {}", status.st_uid),
               fmt::format("chown {} {}", effective_user(), shell_quote(file.native())));
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse(file, "may be written by others", "chmod go-w " + shell_quote(file.native()));
    }
    if (status.st_nlink != 1) {
        refuse(file, "has another name, a hard link");
    }
}

}  // namespace

UniqueFd open_append_file(const fs::path& file, const fs::path& hostile) {
    if (!file.is_absolute()) {
        refuse(file, "is not an absolute pathname");
    }
    if (std::find(file.begin(), file.end(), "..") != file.end()) {
        refuse(file, "contains '..'");
    }
    const fs::path plain = file.lexically_normal();
    const bool is_below = plain.native().starts_with(hostile.lexically_normal().native() + "/");
    const UniqueFd folder = is_below ? open_folder_below(hostile.lexically_normal(), plain)
                                     : open_folder(plain.parent_path());
    // O_NONBLOCK: a FIFO in its place must not make us wait for a reader.
    constexpr int kFlags =
        O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const int fd = ::openat(folder.get(), plain.filename().c_str(), kFlags, S_IRUSR | S_IWUSR);
    if (fd < 0 && errno == ENXIO) {
        refuse(plain, "is not a regular file");  // a FIFO that nobody reads, or a socket
    }
    UniqueFd log{check_no_link(fd, plain)};
    require_own_file(log.get(), plain);
    return log;
}

}  // namespace brig
