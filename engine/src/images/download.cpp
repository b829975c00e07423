// SPDX-License-Identifier: BSD-2-Clause
#include "images/download.hpp"

#include "images/archive_helper.hpp"
#include "images/fetch_process.hpp"
#include "images/url.hpp"
#include "store/schema.hpp"
#include "support/check.hpp"
#include "support/file_status.hpp"
#include "support/read_write.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace brig {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestManifest = std::size_t{1024} * 1024;

void lock_download(int fd, const fs::path& file) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return;
    }
    if (errno != EWOULDBLOCK) {
        throw_system_error(errno, fmt::format("lock {}", file.native()));
    }
    throw Error{ErrorCode::conflict, "another brig is fetching the same archive"}.with_hint(
        "wait until it has finished");
}

/// Opens the file, made if need be, and locks it for as long as the descriptor is open.
UniqueFd open_locked(const fs::path& file) {
    UniqueFd fd;
    do {  // again if another process has finished with it in between
        fd = UniqueFd{check(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600),
                            "open {}",
                            file.native())};
        lock_download(fd.get(), file);
    } while (!is_still_at(fd.get(), file));
    return fd;
}

std::uint64_t size_of(int fd) {
    struct stat info {};
    check(::fstat(fd, &info), "look at a download");
    return static_cast<std::uint64_t>(info.st_size);
}

void cut(int fd, std::uint64_t size) {
    check(::ftruncate(fd, static_cast<off_t>(size)), "cut a download");
    check(::lseek(fd, static_cast<off_t>(size), SEEK_SET), "seek in a download");
}

/// Fetches what is missing of a file; true when it was not all.
bool fetch_rest(const FetchRequest& request, int fd, const ProgressSink& progress) {
    bool resumed = false;
    const FetchSink sink{[&](std::uint64_t start) {
                             resumed = start > 0;
                             cut(fd, start);
                         },
                         [&](std::string_view bytes) { write_text(fd, bytes, "the download"); }};
    fetch(request, sink, progress);
    return resumed;
}

/// What is fetched, until it is complete. It stays when the download breaks off, unless nothing has
/// arrived.
class PartialFile {
  public:
    explicit PartialFile(fs::path path) : path_{std::move(path)}, fd_{open_locked(path_)} {}
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;
    PartialFile(PartialFile&&) = delete;
    PartialFile& operator=(PartialFile&&) = delete;
    ~PartialFile() {
        struct stat info {};
        if (fd_ && ::fstat(fd_.get(), &info) == 0 && info.st_size == 0) {
            ::unlink(path_.c_str());
        }
    }

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    UniqueFd publish(const fs::path& path) {
        check(::fsync(fd_.get()), "write {} to disk", path_.native());
        check(::rename(path_.c_str(), path.c_str()), "create {}", path.native());
        return std::move(fd_);
    }

  private:
    fs::path path_;
    UniqueFd fd_;
};

[[noreturn]] void refuse_digest(const std::string& url,
                                const std::string& digest,
                                const std::string& sha256) {
    throw Error{
        ErrorCode::invalid_config,
        fmt::format(
            "'{}' is not what it should be: its SHA-256 is {}, not {}", url, digest, sha256)}
        .with_hint("it was changed, or the SHA-256 is that of another archive");
}

}  // namespace

std::string sha256_of(const fs::path& libexec,
                      int fd,
                      const fs::path& scratch,
                      const ProgressSink& progress) {
    check(::lseek(fd, 0, SEEK_SET), "seek in the archive");
    ArchiveHelper digesting{libexec, {"digest"}, scratch, {.in = fd}};
    const std::uint64_t total = size_of(fd);
    follow_helpers({&digesting}, progress, [&] {
        return ImportProgress{0, digesting.report().bytes(), total};
    });
    check(::lseek(fd, 0, SEEK_SET), "seek in the archive");
    const std::string digest = digesting.report().fact("digest");
    return digest.substr(digest.find(':') + 1);
}

std::string Downloads::text(const std::string& url, const ProgressSink& progress) const {
    std::string text;
    const auto take = [&](std::string_view bytes) {
        if (text.size() + bytes.size() > kLargestManifest) {
            throw Error{ErrorCode::invalid_config,
                        fmt::format("'{}' is larger than {} bytes", url, kLargestManifest)};
        }
        text += bytes;
    };
    if (const auto path = path_of_file_url(url)) {
        const UniqueFd fd{
            check(::open(path->c_str(), O_RDONLY | O_CLOEXEC), "open {}", path->native())};
        take(read_text(fd.get(), path->native(), kLargestManifest));
    } else {
        fetch({libexec_, url}, {[](std::uint64_t) {}, take}, progress);
    }
    return text;
}

Downloads::File Downloads::file(const std::string& url,
                                const std::string& sha256,
                                const fs::path& scratch,
                                const ProgressSink& progress) const {
    make_private_folder(folder_.parent_path());
    make_private_folder(folder_);
    const fs::path path = folder_ / sha256;
    PartialFile part{partial(sha256)};
    const auto digest_is_right = [&](int fd) {
        return sha256_of(libexec_, fd, scratch, progress) == sha256;
    };
    if (UniqueFd complete{::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
        complete && digest_is_right(complete.get())) {
        return {std::move(complete), path};
    }
    const int fd = part.fd();
    if (size_of(fd) == 0 || !digest_is_right(fd)) {
        fetch_into(fd, url, sha256, scratch, progress);
    }
    return {part.publish(path), path};
}

void Downloads::fetch_into(int fd,
                           const std::string& url,
                           const std::string& sha256,
                           const fs::path& scratch,
                           const ProgressSink& progress) const {
    const bool resumed = fetch_rest({libexec_, url, size_of(fd)}, fd, progress);
    std::string digest = sha256_of(libexec_, fd, scratch, progress);
    if (resumed && digest != sha256) {
        // What was there was of another archive.
        fetch_rest({libexec_, url, 0}, fd, progress);
        digest = sha256_of(libexec_, fd, scratch, progress);
    }
    if (digest != sha256) {
        cut(fd, 0);
        refuse_digest(url, digest, sha256);
    }
}

void Downloads::forget(const File& file) const {
    ::unlink(file.path.c_str());
    ::unlink(partial(file.path.filename().native()).c_str());
}

}  // namespace brig
