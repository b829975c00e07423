// SPDX-License-Identifier: BSD-2-Clause
#include "compare_trees.hpp"

#include "system.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <vector>

namespace brig::storage_zfs {
namespace {

constexpr std::size_t kBlock = std::size_t{64} * 1024;

std::vector<std::string> sorted_names(int folder, const std::string& path) {
    if (folder < 0) {
        return {};
    }
    std::optional<std::vector<std::string>> names = try_names_in(folder);
    check(names ? 0 : -1, "read folder '", path, "'");
    std::sort(names->begin(), names->end());
    return *std::move(names);
}

bool is_folder(const struct stat& status) {
    return S_ISDIR(status.st_mode);
}

/// Each name that is in one of two sorted lists, once.
std::vector<std::string> merged(const std::vector<std::string>& a,
                                const std::vector<std::string>& b) {
    std::vector<std::string> all;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
    return all;
}

/// Walks two folders side by side.
class Comparison {
  public:
    Comparison(const sdk::Call& call, std::int64_t taken, const Report& report) noexcept
        : call_{&call}, taken_{taken}, report_{&report} {}

    void run(int before, int after) {
        if (before >= 0) {
            struct stat old_status {};
            struct stat new_status {};
            check(::fstat(before, &old_status), "examine '/'");
            check(::fstat(after, &new_status), "examine '/'");
            if (!same_kind(old_status, new_status)) {
                (*report_)("changed", "/");
            }
        }
        folders(before, after, "");
    }

  private:
    /// Type, mode and owner; of a device, which one.
    static bool same_kind(const struct stat& a, const struct stat& b) {
        const bool device = S_ISCHR(a.st_mode) || S_ISBLK(a.st_mode);
        return a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid
               && (!device || a.st_rdev == b.st_rdev);
    }

    /// A snapshot and what goes on from it have the same file by the same number, and every change
    /// of it leaves its time, which nobody can set. Where times are whole seconds, as of zfs-fuse,
    /// one in the second of the snapshot says nothing.
    [[nodiscard]] bool is_untouched(const struct stat& a, const struct stat& b) const {
        const bool same = a.st_ino == b.st_ino && a.st_mtim.tv_sec == b.st_mtim.tv_sec
                          && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec
                          && a.st_ctim.tv_sec == b.st_ctim.tv_sec
                          && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
        return same && (b.st_ctim.tv_nsec != 0 || b.st_ctim.tv_sec + 1 < taken_);
    }

    void folders(int before, int after, const std::string& path) {
        call_->stop_point();
        for (const std::string& name :
             merged(sorted_names(before, path), sorted_names(after, path))) {
            entry(before, after, name, joined(path, "/", name));
        }
    }

    void entry(int before, int after, const std::string& name, const std::string& path) {
        struct stat old_status {};
        struct stat new_status {};
        const bool was = before >= 0 && examine(before, name, old_status);
        const bool is = after >= 0 && examine(after, name, new_status);
        if (!is) {
            if (was) {
                (*report_)("deleted", path);
            }
            return;
        }
        if (!was) {
            (*report_)("added", path);
        } else if (!same_kind(old_status, new_status)
                   || (!is_folder(new_status)
                       && differs(before, after, name, {old_status, new_status}))) {
            (*report_)("changed", path);
        }
        if (is_folder(new_status)) {
            const UniqueFd old_folder{was && is_folder(old_status) ? open_folder(before, name)
                                                                   : -1};
            const UniqueFd new_folder{open_folder(after, name)};
            folders(old_folder.get(), new_folder.get(), path);
        }
    }

    static bool examine(int folder, const std::string& name, struct stat& status) {
        return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    }

    /// -1 as well for another mount: what is there is not the volume's.
    static int open_folder(int folder, const std::string& name) {
        struct stat above {};
        struct stat status {};
        UniqueFd fd{
            ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        const bool same = fd && ::fstat(folder, &above) == 0 && ::fstat(fd.get(), &status) == 0
                          && above.st_dev == status.st_dev;
        return same ? fd.release() : -1;
    }

    using Both = std::array<struct stat, 2>;

    /// Two entries that are no folders.
    [[nodiscard]] bool differs(int before,
                               int after,
                               const std::string& name,
                               const Both& both) const {
        if (both[0].st_size != both[1].st_size && !S_ISFIFO(both[0].st_mode)) {
            return true;
        }
        if (is_untouched(both[0], both[1])) {
            return false;
        }
        if (S_ISLNK(both[0].st_mode)) {
            return link_of(before, name) != link_of(after, name);
        }
        return S_ISREG(both[0].st_mode) && different_bytes(before, after, name);
    }

    static std::string link_of(int folder, const std::string& name) {
        std::string text(4096, '\0');
        const ssize_t length = check(
            ::readlinkat(folder, name.c_str(), text.data(), text.size()), "read '", name, "'");
        text.resize(static_cast<std::size_t>(length));
        return text;
    }

    static bool different_bytes(int before, int after, const std::string& name) {
        constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
        const UniqueFd a{check(::openat(before, name.c_str(), kFlags), "open '", name, "'")};
        const UniqueFd b{check(::openat(after, name.c_str(), kFlags), "open '", name, "'")};
        std::vector<char> left(kBlock);
        std::vector<char> right(kBlock);
        for (off_t at = 0;;) {
            const ssize_t got =
                check(::pread(a.get(), left.data(), kBlock, at), "read '", name, "'");
            const ssize_t too =
                check(::pread(b.get(), right.data(), kBlock, at), "read '", name, "'");
            if (got != too || !std::equal(left.begin(), left.begin() + got, right.begin())) {
                return true;
            }
            if (got == 0) {
                return false;
            }
            at += got;
        }
    }

    const sdk::Call* call_;
    std::int64_t taken_;
    const Report* report_;
};

}  // namespace

void compare_trees(const sdk::Call& call,
                   const Before& before,
                   const std::string& after,
                   const Report& report) {
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const UniqueFd old_root{
        before.path.empty()
            ? -1
            : check(::open(before.path.c_str(), kFlags), "open folder '", before.path, "'")};
    const UniqueFd new_root{check(::open(after.c_str(), kFlags), "open folder '", after, "'")};
    Comparison{call, before.taken, report}.run(old_root.get(), new_root.get());
}

}  // namespace brig::storage_zfs
