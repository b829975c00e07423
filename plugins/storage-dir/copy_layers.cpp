// SPDX-License-Identifier: BSD-2-Clause
#include "copy_layers.hpp"

#include "os.hpp"
#include "os_layers.hpp"
#include "tree_walk.hpp"
#include "view.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

namespace brig::storage_dir {
namespace {

using FileStatus = struct stat;

constexpr off_t kChunk = off_t{64} * 1024 * 1024;

std::vector<std::size_t> all_of(const std::vector<UniqueFd>& trees) {
    std::vector<std::size_t> order(trees.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

class Copier {
  public:
    Copier(const sdk::Call& call, const LayersCopy& copy)
        : call_{call}, copy_{copy}, view_{copy.trees, all_of(copy.trees)} {}

    void run() {
        pending_.push_back({view_.root(), {}});
        while (!pending_.empty()) {
            const Folder folder = std::move(pending_.back());
            pending_.pop_back();
            copy_folder(folder);
        }
    }

  private:
    /// A folder whose copy is there, empty.
    struct Folder {
        Places places;
        std::string path;  ///< relative to the root of the copy; empty for the root
    };

    /// The folders between which an entry is copied, and where that is.
    struct Level {
        int from;
        int to;
        const std::string& path;
    };

    void copy_folder(const Folder& folder) {
        const View::Folder from = view_.open(folder.places);
        const UniqueFd to{os::open_below(copy_.to, folder.path)};
        check(to.get(), "open the copy of '", shown(folder.path), "'");
        if (from.parts.empty()) {
            throw Error{BRIG_UNAVAILABLE, "'" + shown(folder.path) + "' went while it was copied"};
        }
        for (const std::string& name : names_of(from)) {
            call_.stop_point();
            copy_entry(from, to.get(), name, folder);
            call_.progress(++entries_, 0, "copying " + copy_.path);
        }
        // What is done in those below does not change its times any more.
        const int like = from.parts.front().fd.get();
        FileStatus status{};
        check(::fstat(like, &status), "examine '", shown(folder.path), "'");
        give_status(like, to.get(), status, folder.path);
    }

    static std::set<std::string> names_of(const View::Folder& folder) {
        std::set<std::string> names;
        for (const View::Folder::Part& part : folder.parts) {
            each_name_in(part.fd.get(), part.place.path, [&](const std::string& name) {
                names.insert(name);
            });
        }
        return names;
    }

    void copy_entry(const View::Folder& from,
                    int to,
                    const std::string& name,
                    const Folder& folder) {
        View::Found found = view_.find(from, name);
        const std::string path = folder.path.empty() ? name : folder.path + "/" + name;
        switch (found.kind) {
            case View::Kind::nothing:
                return;
            case View::Kind::covered:
                throw Error{
                    BRIG_BUSY, "'" + shown(path) + "' is a mount point", "unmount it first"};
            case View::Kind::folder:
                check(::mkdirat(to, name.c_str(), S_IRWXU), "make a copy of '", shown(path), "'");
                pending_.push_back({std::move(found.places), path});
                return;
            case View::Kind::file:
                copy_file_of({from.parts[found.part].fd.get(), to, path}, name, found.status);
        }
    }

    void copy_file_of(const Level& level, const std::string& name, const FileStatus& status) {
        const bool is_there = (copy_.files == Files::linked && link(level, name))
                              || link_to_copied(level, name, status);
        if (!is_there) {
            copy_single(level, name, status);
        }
    }

    /// False if the file system does not want that: for a file with flags, with many names, or on
    /// another one.
    [[nodiscard]] bool link(const Level& level, const std::string& name) const {
        if (::linkat(level.from, name.c_str(), level.to, name.c_str(), 0) == 0) {
            return true;
        }
        if (errno != EPERM && errno != EMLINK && errno != EXDEV && errno != EOPNOTSUPP) {
            throw_errno(errno, "link '" + shown(level.path) + "'");
        }
        return false;
    }

    /// True if another name of the same file was copied before: links to that copy.
    bool link_to_copied(const Level& level, const std::string& name, const FileStatus& status) {
        if (status.st_nlink < 2) {
            return false;
        }
        const auto [first, is_first] =
            linked_.try_emplace({status.st_dev, status.st_ino}, level.path);
        if (is_first) {
            return false;
        }
        check(::linkat(copy_.to, first->second.c_str(), level.to, name.c_str(), 0),
              "link the copy of '",
              shown(level.path),
              "'");
        return true;
    }

    void copy_single(const Level& level, const std::string& name, const FileStatus& status) {
        if (S_ISREG(status.st_mode)) {
            copy_file(level, name, status);
            return;
        }
        if (S_ISLNK(status.st_mode)) {
            const std::string target = read_link(level.from, name);
            check(::symlinkat(target.c_str(), level.to, name.c_str()),
                  "make a copy of link '",
                  shown(level.path),
                  "'");
        } else if (!os::make_special(
                       level.to, name.c_str(), status.st_mode, status.st_rdev, shown(level.path))) {
            return;
        }
        give_status_by_name(level.to, name, status, level.path);
    }

    void copy_file(const Level& level, const std::string& name, const FileStatus& status) {
        const UniqueFd from{check(
            ::openat(level.from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC),
            "open '",
            shown(level.path),
            "'")};
        const UniqueFd to{check(::openat(level.to,
                                         name.c_str(),
                                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                         S_IRUSR | S_IWUSR),
                                "make a copy of '",
                                shown(level.path),
                                "'")};
        if (copy_.files == Files::sharing_blocks) {
            share(from.get(), to.get(), level.path);
        } else {
            copy_data(from.get(), to.get(), status.st_size, level.path);
        }
        give_status(from.get(), to.get(), status, level.path);
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
        return path.empty() ? copy_.path : copy_.path + "/" + path;
    }

    const sdk::Call& call_;
    const LayersCopy& copy_;
    View view_;
    std::vector<Folder> pending_;
    std::map<std::pair<dev_t, ino_t>, std::string> linked_;  ///< first copied name of each file
    std::uint64_t entries_ = 0;
};

}  // namespace

void copy_layers(const sdk::Call& call, const LayersCopy& copy) {
    Copier{call, copy}.run();
}

}  // namespace brig::storage_dir
