// SPDX-License-Identifier: BSD-2-Clause
#include "support/trusted_file.hpp"

#include "support/check.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>

namespace brig {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileSize = std::size_t{1} << 20U;

[[noreturn]] void refuse(const std::string& what, std::string_view reason, std::string hint = "") {
    throw Error{ErrorCode::invalid_config, fmt::format("{} {}", what, reason)}.with_hint(
        std::move(hint));
}

void require_plain_file(int fd, const fs::path& file, const std::string& what) {
    struct stat status {};
    check(::fstat(fd, &status), "stat {}", file.native());
    if (!S_ISREG(status.st_mode)) {
        refuse(what, "is not a regular file");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        refuse(what, "may be written by anyone", "chmod o-w " + shell_quote(file.native()));
    }
}

}  // namespace

std::optional<std::string> read_trusted_file(const fs::path& file, const std::string& what) {
    // O_NONBLOCK: a FIFO in its place must not make us wait for a writer.
    UniqueFd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) {
        return std::nullopt;
    }
    check(fd.get(), "open {}", file.native());
    require_plain_file(fd.get(), file, what);
    std::string text = read_text(fd.get(), file.native(), kMaxFileSize);
    if (text.size() > kMaxFileSize) {
        refuse(what, "is larger than 1 MiB");
    }
    return text;
}

}  // namespace brig
