// SPDX-License-Identifier: BSD-2-Clause
#include "jail_conf/files.hpp"

#include "jail_conf/document.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

namespace brig::jail_conf {

namespace {

[[noreturn]] void refuse(const std::string& path, std::string_view reason, std::string hint) {
    throw Error{ErrorCode::invalid_config, fmt::format("the file '{}' {}", path, reason)}.with_hint(
        std::move(hint));
}

void require_plain_file(int fd, const std::string& path) {
    struct stat status {};
    check(::fstat(fd, &status), "stat {}", path);
    if (!S_ISREG(status.st_mode)) {
        refuse(path, "is not a regular file", "");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        refuse(path, "may be written by anyone", "chmod o-w " + path);
    }
}

struct Glob {
    Glob() = default;
    Glob(const Glob&) = delete;
    Glob& operator=(const Glob&) = delete;
    Glob(Glob&&) = delete;
    Glob& operator=(Glob&&) = delete;
    ~Glob() { ::globfree(&found); }

    glob_t found{};
};

}  // namespace

std::string HostFiles::read(const std::string& path) {
    // O_NONBLOCK: a FIFO in its place must not make us wait for a writer.
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!fd && errno == ENOENT) {
        throw Error{ErrorCode::not_found, fmt::format("there is no file '{}'", path)};
    }
    check(fd.get(), "open {}", path);
    require_plain_file(fd.get(), path);
    std::string text(kMaxFileSize + 1, '\0');
    std::size_t length = 0;
    while (length < text.size()) {
        const ssize_t count =
            check(::read(fd.get(), text.data() + length, text.size() - length), "read {}", path);
        if (count == 0) {
            break;
        }
        length += static_cast<std::size_t>(count);
    }
    if (length > kMaxFileSize) {
        refuse(path, "is larger than 1 MiB", "");
    }
    text.resize(length);
    return text;
}

std::vector<std::string> HostFiles::match(const std::string& pattern) {
    Glob glob;
    const int result = ::glob(pattern.c_str(), 0, nullptr, &glob.found);
    if (result != 0 && result != GLOB_NOMATCH) {
        throw Error{ErrorCode::system, fmt::format("the files of '{}' cannot be listed", pattern)};
    }
    return {glob.found.gl_pathv, glob.found.gl_pathv + glob.found.gl_pathc};
}

}  // namespace brig::jail_conf
