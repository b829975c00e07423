// SPDX-License-Identifier: BSD-2-Clause
#include "copy_tree.hpp"

#include "os.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>

namespace brig::storage_dir {
namespace {

using FileStatus = struct stat;

/// Each level holds two descriptors.
constexpr int kDeepestCopy = 256;
constexpr off_t kChunk = off_t{64} * 1024 * 1024;

/// The folders between which an entry is copied, and where that is.
struct Level {
    int from;
    int to;
    std::string path;  ///< relative to the root of the copy; empty for the root
    int depth;
};

class Copier {
  public:
    Copier(const sdk::Call& call, const TreeCopy& copy) : call_{call}, copy_{copy} {}

    void copy_folder(const Level& level) {
        if (level.depth == kDeepestCopy) {
            throw Error{BRIG_UNSUPPORTED,
                        "'" + shown(level.path) + "' lies deeper than "
                            + std::to_string(kDeepestCopy) + " folders",
                        "use clone = \"overlay\""};
        }
        for (const std::string& name : names_in(level.from, shown(level.path))) {
            call_.stop_point();
            copy_entry(level, name);
            call_.progress(++entries_, 0, "copying " + copy_.from_path);
        }
        FileStatus status{};
        check(::fstat(level.from, &status), "examine '", shown(level.path), "'");
        give_status(level.from, level.to, status, level.path);
    }

  private:
    void copy_entry(const Level& level, const std::string& name) {
        FileStatus status{};
        const std::string path = level.path.empty() ? name : level.path + "/" + name;
        check(::fstatat(level.from, name.c_str(), &status, AT_SYMLINK_NOFOLLOW),
              "examine '",
              shown(path),
              "'");
        if (S_ISDIR(status.st_mode)) {
            enter(level, name, path);
        } else if (!link_to_copied(level, name, path, status)) {
            copy_single(level, name, path, status);
        }
    }

    void enter(const Level& level, const std::string& name, const std::string& path) {
        const UniqueFd from{os::open_child(level.from, name.c_str())};
        if (!from && errno == EXDEV) {
            throw Error{BRIG_BUSY, "'" + shown(path) + "' is a mount point", "unmount it first"};
        }
        check(from.get(), "open folder '", shown(path), "'");
        check(::mkdirat(level.to, name.c_str(), S_IRWXU), "make a copy of '", shown(path), "'");
        const UniqueFd to{os::open_child(level.to, name.c_str())};
        check(to.get(), "open the copy of '", shown(path), "'");
        copy_folder({from.get(), to.get(), path, level.depth + 1});
    }

    /// True if another name of the same file was copied before: links to that copy.
    bool link_to_copied(const Level& level,
                        const std::string& name,
                        const std::string& path,
                        const FileStatus& status) {
        if (status.st_nlink < 2) {
            return false;
        }
        const auto [first, is_first] = linked_.try_emplace({status.st_dev, status.st_ino}, path);
        if (is_first) {
            return false;
        }
        check(::linkat(copy_.to, first->second.c_str(), level.to, name.c_str(), 0),
              "link the copy of '",
              shown(path),
              "'");
        return true;
    }

    void copy_single(const Level& level,
                     const std::string& name,
                     const std::string& path,
                     const FileStatus& status) {
        if (S_ISREG(status.st_mode)) {
            copy_file(level, name, path, status);
            return;
        }
        if (S_ISLNK(status.st_mode)) {
            const std::string target = read_link(level.from, name);
            check(::symlinkat(target.c_str(), level.to, name.c_str()),
                  "make a copy of link '",
                  shown(path),
                  "'");
        } else if (!os::make_special(
                       level.to, name.c_str(), status.st_mode, status.st_rdev, shown(path))) {
            return;
        }
        give_status_by_name(level.to, name, status, path);
    }

    void copy_file(const Level& level,
                   const std::string& name,
                   const std::string& path,
                   const FileStatus& status) {
        const UniqueFd from{check(
            ::openat(level.from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC),
            "open '",
            shown(path),
            "'")};
        const UniqueFd to{check(::openat(level.to,
                                         name.c_str(),
                                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                         S_IRUSR | S_IWUSR),
                                "make a copy of '",
                                shown(path),
                                "'")};
        if (copy_.share_blocks) {
            share(from.get(), to.get(), path);
        } else {
            copy_data(from.get(), to.get(), status.st_size, path);
        }
        give_status(from.get(), to.get(), status, path);
    }

    void share(int from, int to, const std::string& path) {
        if (!os::share_blocks(from, to)) {
            throw Error{BRIG_UNSUPPORTED,
                        "the file system of '" + shown(path) + "' cannot share blocks (reflink)",
                        "use clone = 'auto' or 'copy', or a 'path' on btrfs, xfs or bcachefs"};
        }
    }

    /// Copies what is not a hole.
    void copy_data(int from, int to, off_t size, const std::string& path) {
        check(::ftruncate(to, size), "set the size of the copy of '", shown(path), "'");
        off_t begin = 0;
        while (begin < size) {
            begin = ::lseek(from, begin, SEEK_DATA);
            if (begin < 0 && errno == ENXIO) {
                return;
            }
            check(begin, "read '", shown(path), "'");
            const off_t end = check(::lseek(from, begin, SEEK_HOLE), "read '", shown(path), "'");
            copy_range(from, to, begin, std::min(end, size), path);
            begin = end;
        }
    }

    void copy_range(int from, int to, off_t begin, off_t end, const std::string& path) {
        off_t in = begin;
        off_t out = begin;
        while (in < end) {
            call_.stop_point();
            const auto length = static_cast<std::size_t>(std::min(end - in, kChunk));
            const ssize_t copied = ::copy_file_range(from, &in, to, &out, length, 0);
            if (copied < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP)) {
                copy_through_memory(from, to, in, end, path);
                return;
            }
            if (check(copied, "copy '", shown(path), "'") == 0) {
                return;
            }
        }
    }

    void copy_through_memory(int from, int to, off_t begin, off_t end, const std::string& path) {
        std::array<char, std::size_t{64} * 1024> buffer;  // NOLINT(*-member-init): read into
        while (begin < end) {
            call_.stop_point();
            const auto wanted = std::min(buffer.size(), static_cast<std::size_t>(end - begin));
            const ssize_t length =
                check(::pread(from, buffer.data(), wanted, begin), "read '", shown(path), "'");
            if (length == 0) {
                return;
            }
            begin += check(::pwrite(to, buffer.data(), static_cast<std::size_t>(length), begin),
                           "write the copy of '",
                           shown(path),
                           "'");
        }
    }

    /// Owner before mode and attributes, since chown(2) takes set-id bits and capabilities away.
    void give_status(int from, int to, const FileStatus& status, const std::string& path) {
        check(::fchown(to, status.st_uid, status.st_gid), "give '", shown(path), "' its owner");
        check(::fchmod(to, status.st_mode & kModeBits), "give '", shown(path), "' its mode");
        const std::array<timespec, 2> times = times_of(status);
        check(::futimens(to, times.data()), "give '", shown(path), "' its times");
        os::copy_attributes(from, to, shown(path));
    }

    void give_status_by_name(int folder,
                             const std::string& name,
                             const FileStatus& status,
                             const std::string& path) {
        check(::fchownat(folder, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW),
              "give '",
              shown(path),
              "' its owner");
        if (!S_ISLNK(status.st_mode)) {
            check(::fchmodat(folder, name.c_str(), status.st_mode & kModeBits, 0),
                  "give '",
                  shown(path),
                  "' its mode");
        }
        const std::array<timespec, 2> times = times_of(status);
        check(::utimensat(folder, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW),
              "give '",
              shown(path),
              "' its times");
    }

    static std::array<timespec, 2> times_of(const FileStatus& status) {
        return {status.st_atim, status.st_mtim};
    }

    [[nodiscard]] std::string shown(const std::string& path) const {
        return path.empty() ? copy_.from_path : copy_.from_path + "/" + path;
    }

    const sdk::Call& call_;
    const TreeCopy& copy_;
    std::map<std::pair<dev_t, ino_t>, std::string> linked_;  ///< first copied name of each file
    std::uint64_t entries_ = 0;
};

}  // namespace

void copy_tree(const sdk::Call& call, const TreeCopy& copy) {
    Copier{call, copy}.copy_folder({copy.from, copy.to, "", 0});
}

}  // namespace brig::storage_dir
