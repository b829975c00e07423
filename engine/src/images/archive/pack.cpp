// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/pack.hpp"

#include "images/archive/confine.hpp"
#include "images/archive/handles.hpp"
#include "images/archive/output.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace brig::archive {
namespace {

constexpr std::size_t kZeroes = 1048576;
constexpr off_t kBlock = 512;  ///< of stat(2)'s st_blocks

/// Takes what fts_open(3) wants compared: not the same type on Linux and FreeBSD.
constexpr auto kByName = [](auto one, auto other) {
    return std::strcmp(&(*one)->fts_name[0], &(*other)->fts_name[0]);
};

using Tree = std::unique_ptr<FTS, int (*)(FTS*)>;

/// Everything below the working directory, by name, without what other file systems have there.
Tree open_tree() {
    std::string root = ".";
    std::array<char*, 2> roots{root.data(), nullptr};
    Tree tree{::fts_open(roots.data(), FTS_PHYSICAL | FTS_XDEV, kByName), &::fts_close};
    if (tree == nullptr) {
        throw_system_error(errno, "open the directory");
    }
    return tree;
}

/// What looks at a file's attributes.
Reader open_attributes() {
    Reader disk{::archive_read_disk_new()};
    if (!disk) {
        throw_system_error(ENOMEM, "start reading files");
    }
    ::archive_read_disk_set_symlink_physical(disk.get());
    check_archive(::archive_read_disk_set_behavior(
                      disk.get(), keeps_file_flags() ? 0 : ARCHIVE_READDISK_NO_FFLAGS),
                  disk.get(),
                  "choose what of a file is kept");
    return disk;
}

/// `as_bytes`: names are marked as bytes that need be no text. GNU tar complains about every such
/// mark; without it only the names that are not UTF-8 get one, each with a warning of ours.
Writer open_stream(Output& output, bool as_bytes) {
    Writer stream{::archive_write_new()};
    if (!stream) {
        throw_system_error(ENOMEM, "start writing an archive");
    }
    check_archive(::archive_write_set_format_pax(stream.get()), stream.get(), "write pax");
    if (as_bytes) {
        check_archive(::archive_write_set_options(stream.get(), "hdrcharset=BINARY"),
                      stream.get(),
                      "write names as they are");
    }
    output.open(stream);
    return stream;
}

LinkResolver new_link_resolver() {
    LinkResolver resolver{::archive_entry_linkresolver_new()};
    if (!resolver) {
        throw_system_error(ENOMEM, "start finding hard links");
    }
    ::archive_entry_linkresolver_set_strategy(resolver.get(), ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE);
    return resolver;
}

/// "./a/b" as "a/b"; the root itself stays ".".
std::string name_of(const FTSENT& file) {
    std::string_view path{file.fts_path, file.fts_pathlen};
    if (path.starts_with("./")) {
        path.remove_prefix(2);
    }
    return std::string{path};
}

/// One tree on its way into one archive.
class Packing {
  public:
    /// `repeatable`: nothing that is not the files' own has a say.
    Packing(Output& output, bool repeatable, Status& status)
        : repeatable_{repeatable}, stream_{open_stream(output, !repeatable)}, status_{status} {}

    void run() {
        while (true) {
            errno = 0;  // fts_read(3) tells the end from a failure by it
            const FTSENT* file = ::fts_read(tree_.get());
            if (file == nullptr) {
                break;
            }
            pack(*file);
        }
        if (errno != 0) {
            throw_system_error(errno, "read the directory");
        }
        check_archive(::archive_write_close(stream_.get()), stream_.get(), "complete the archive");
        if (sockets_ > 0) {
            status_.warning(fmt::format("sockets left out: {}", sockets_));
        }
    }

  private:
    void pack(const FTSENT& file) {
        switch (file.fts_info) {
            case FTS_DP:
                return;  // again, behind what is in it
            case FTS_DNR:
            case FTS_ERR:
            case FTS_NS:
                report_unreadable(file, file.fts_errno);
                return;
            default:
                break;
        }
        if (S_ISSOCK(file.fts_statp->st_mode)) {
            ++sockets_;
            return;
        }
        UniqueFd content;
        if (S_ISREG(file.fts_statp->st_mode)) {
            content =
                UniqueFd{::open(file.fts_accpath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
            if (!content) {
                report_unreadable(file, errno);
                return;
            }
        }
        pack_entry(file, content.get());
    }

    /// What vanished while we looked is no failure of ours.
    void report_unreadable(const FTSENT& file, int error_number) const {
        const std::string attempt = fmt::format("read '{}'", name_of(file));
        if (error_number != ENOENT) {
            throw_system_error(error_number, attempt);
        }
        status_.warning(attempt + ": it has gone");
    }

    void pack_entry(const FTSENT& file, int content) {
        Entry entry = describe(file, content);
        // A later name of a file comes back as a hard link to its first. With this format nothing
        // is held back for later.
        ::archive_entry* resolved = entry.release();
        ::archive_entry* held_back = nullptr;
        ::archive_entry_linkify(links_.get(), &resolved, &held_back);
        entry.reset(resolved);
        write_entry(entry.get(), content);
        status_.count_entry();
    }

    [[nodiscard]] Entry describe(const FTSENT& file, int content) const {
        const std::string name = name_of(file);
        Entry entry{::archive_entry_new()};
        if (!entry) {
            throw_system_error(ENOMEM, "look at a file");
        }
        ::archive_entry_copy_pathname(entry.get(), name.c_str());
        ::archive_entry_copy_sourcepath(entry.get(), file.fts_accpath);
        const int result =
            ::archive_read_disk_entry_from_file(disk_.get(), entry.get(), content, file.fts_statp);
        if (result < ARCHIVE_WARN && last_errno(disk_.get()) != ENOENT) {
            throw_last(disk_.get(), fmt::format("read '{}'", name));
        }
        if (result < ARCHIVE_OK) {
            status_.warning(fmt::format("read '{}': {}", name, last_message(disk_.get())));
        }
        // They change without the file's being changed.
        ::archive_entry_unset_atime(entry.get());
        ::archive_entry_unset_ctime(entry.get());
        ::archive_entry_unset_birthtime(entry.get());
        if (repeatable_ && file.fts_level == FTS_ROOTLEVEL) {
            // A storage may have made the folder only just now.
            ::archive_entry_set_mtime(entry.get(), 0, 0);
        }
        return entry;
    }

    void write_entry(::archive_entry* entry, int content) {
        const std::string attempt = fmt::format("pack '{}'", path_of(entry));
        const int result = ::archive_write_header(stream_.get(), entry);
        if (result < ARCHIVE_WARN) {
            throw_last(stream_.get(), attempt);
        }
        if (result == ARCHIVE_WARN) {
            status_.warning(fmt::format("{}: {}", attempt, last_message(stream_.get())));
        }
        if (content >= 0 && ::archive_entry_size(entry) > 0) {
            copy_content(content, ::archive_entry_size(entry), attempt);
        }
        check_archive(::archive_write_finish_entry(stream_.get()), stream_.get(), attempt);
    }

    /// The format knows from the header where the holes are, and drops the zeroes.
    void copy_content(int content, off_t size, const std::string& attempt) {
        const bool sparse = has_holes(content);
        off_t position = 0;
        while (position < size) {
            const off_t data = sparse ? next(content, position, SEEK_DATA, size) : position;
            write_zeroes(data - position, attempt);
            const off_t end = sparse ? next(content, data, SEEK_HOLE, size) : size;
            copy_data(content, data, end, attempt);
            position = end;
        }
    }

    static bool has_holes(int content) {
        struct stat info {};
        check(::fstat(content, &info), "look at a file");
        return info.st_blocks * kBlock < info.st_size;
    }

    /// Where data or a hole begins, at `size` at the latest.
    static off_t next(int content, off_t position, int what, off_t size) {
        const off_t found = ::lseek(content, position, what);
        if (found < 0) {
            // ENXIO: nothing but a hole. EINVAL: the file system does not know of holes.
            return what == SEEK_DATA && errno != ENXIO ? position : size;
        }
        return std::min(found, size);
    }

    /// What became shorter meanwhile libarchive fills with zeroes.
    void copy_data(int content, off_t position, off_t end, const std::string& attempt) {
        while (position < end) {
            const auto most = static_cast<std::size_t>(
                std::min<off_t>(end - position, static_cast<off_t>(buffer_.size())));
            const auto size = static_cast<std::size_t>(
                check(::pread(content, buffer_.data(), most, position), "{}", attempt));
            if (size == 0) {
                status_.warning(attempt + ": it became shorter");
                return;
            }
            write(buffer_.data(), size, attempt);
            position += static_cast<off_t>(size);
            status_.count_bytes(size);
        }
    }

    void write_zeroes(off_t size, const std::string& attempt) {
        while (size > 0) {
            const auto step = std::min<off_t>(size, static_cast<off_t>(zeroes_.size()));
            write(zeroes_.data(), static_cast<std::size_t>(step), attempt);
            size -= step;
        }
    }

    void write(const void* data, std::size_t size, const std::string& attempt) {
        if (::archive_write_data(stream_.get(), data, size) < 0) {
            throw_last(stream_.get(), attempt);
        }
    }

    bool repeatable_;
    Tree tree_ = open_tree();
    Reader disk_ = open_attributes();
    Writer stream_;
    Status& status_;
    LinkResolver links_ = new_link_resolver();
    std::vector<char> buffer_ = std::vector<char>(kBlockSize);
    std::vector<char> zeroes_ = std::vector<char>(kZeroes);
    std::uint64_t sockets_ = 0;
};

}  // namespace

void pack(const std::string& root, bool digested, Status& status) {
    confine(root, Work::read_tree);
    Output output{digested};
    Packing{output, digested, status}.run();
    if (digested) {
        status.fact("digest", output.digest());
        status.fact("size", std::to_string(output.size()));
    }
}

}  // namespace brig::archive
