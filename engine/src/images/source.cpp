// SPDX-License-Identifier: BSD-2-Clause
#include "images/source.hpp"

#include "support/check.hpp"
#include "support/helper_process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace brig {
namespace {

UniqueFd open_source(const std::filesystem::path& path, int flags) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    if (fd < 0 && errno == ENOENT) {
        throw Error{ErrorCode::not_found,
                    fmt::format("there is no '{}'", path.native()),
                    std::error_code{ENOENT, std::generic_category()}};
    }
    if (fd < 0 && errno == ENOTDIR) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("'{}' is not a directory", path.native()),
                    std::error_code{ENOTDIR, std::generic_category()}}
            .with_hint("an archive is imported with --from-tar");
    }
    return UniqueFd{check(fd, "open {}", path.native())};
}

UniqueFd open_archive(const std::filesystem::path& path) {
    if (path == "-") {
        return copy_above_standard(STDIN_FILENO, "read the archive from standard input");
    }
    const UniqueFd opened = open_source(path, O_NOCTTY);
    return copy_above_standard(opened.get(), "open the archive");
}

/// @throws Error unless `mode` is of something that can be read to an end.
void refuse_unreadable(mode_t mode, const std::string& name) {
    if (S_ISDIR(mode)) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("{} is a directory, not an archive", name)}
            .with_hint("a directory is imported with --from-dir");
    }
    if (!S_ISREG(mode) && !S_ISFIFO(mode) && !S_ISSOCK(mode)) {
        throw Error{ErrorCode::invalid_config, fmt::format("{} is a device, not an archive", name)}
            .with_hint("name a file, or redirect one into standard input");
    }
}

bool contains(const std::filesystem::path& outer, const std::filesystem::path& inner) {
    const auto [rest, unused] =
        std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
    return rest == outer.end();
}

}  // namespace

ArchiveFile::ArchiveFile(const std::filesystem::path& path) : fd_{open_archive(path)} {
    look(path == "-" ? "standard input" : fmt::format("'{}'", path.native()));
}

ArchiveFile::ArchiveFile(int fd, const std::string& name)
    : fd_{copy_above_standard(fd, "read the archive")} {
    look(fmt::format("'{}'", name));
}

void ArchiveFile::look(const std::string& name) {
    struct stat info {};
    check(::fstat(fd_.get(), &info), "look at {}", name);
    refuse_unreadable(info.st_mode, name);
    if (S_ISREG(info.st_mode)) {
        const off_t start = check(::lseek(fd_.get(), 0, SEEK_CUR), "seek in {}", name);
        start_ = static_cast<std::uint64_t>(start);
        size_ = static_cast<std::uint64_t>(std::max<off_t>(info.st_size - start, 0));
    }
}

std::uint64_t ArchiveFile::position() const noexcept {
    const off_t position = ::lseek(fd_.get(), 0, SEEK_CUR);
    return position < 0 ? 0 : static_cast<std::uint64_t>(position) - start_;
}

std::filesystem::path source_directory(const std::filesystem::path& path,
                                       const std::filesystem::path& root) {
    const UniqueFd opened = open_source(path, O_DIRECTORY);
    std::filesystem::path source = std::filesystem::canonical(path);
    if (contains(source, std::filesystem::canonical(root))) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("'{}' contains the image that would be made of it ({})",
                                path.native(),
                                root.native())}
            .with_hint("import a directory that brig's state directory is not in");
    }
    return source;
}

}  // namespace brig
