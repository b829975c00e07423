// SPDX-License-Identifier: BSD-2-Clause
#include "remove_tree.hpp"

#include "os.hpp"
#include "os_quota.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <memory>

namespace brig::storage_dir {
namespace {

/// Each level holds a descriptor, and RLIMIT_NOFILE may be as low as 256.
constexpr int kMaxDepth = 64;

using Stream = std::unique_ptr<DIR, int (*)(DIR*)>;

[[noreturn]] void refuse_mount_point(const std::string& path) {
    throw Error{BRIG_BUSY,
                "'" + path + "' is a mount point, or in use as one; nothing below it was touched",
                "unmount it, then try again"};
}

class Remover {
  public:
    explicit Remover(int top) noexcept : top_{top} {}

    /// Removes everything in the open folder `fd`, which becomes owned.
    void empty(UniqueFd fd, const std::string& path, int depth) {
        const Stream stream{::fdopendir(fd.get()), &::closedir};
        if (stream == nullptr) {
            throw_errno(errno, "read folder '" + path + "'");
        }
        static_cast<void>(fd.release());
        // Removing moves entries under the reader's feet on some file systems: read again until
        // a pass finds nothing.
        while (remove_entries(stream.get(), path, depth)) {
            ::rewinddir(stream.get());
        }
        os::clear_whiteouts(::dirfd(stream.get()), path);
    }

  private:
    bool remove_entries(DIR* stream, const std::string& path, int depth) {
        bool found = false;
        while (const dirent* entry = ::readdir(stream)) {
            const std::string name{static_cast<const char*>(entry->d_name)};
            if (name != "." && name != "..") {
                remove(::dirfd(stream), name, joined(path, "/", name), depth);
                found = true;
            }
        }
        return found;
    }

    void remove(int folder, const std::string& name, const std::string& path, int depth) {
        if (unlink(folder, name, 0, path)) {
            return;
        }
        if (depth == kMaxDepth) {
            move_to_top(folder, name, path);
            return;
        }
        empty(open(folder, name, path), path, depth + 1);
        unlink(folder, name, AT_REMOVEDIR, path);
    }

    /// False if `name` is a folder and `flags` do not say so.
    static bool unlink(int folder, const std::string& name, int flags, const std::string& path) {
        for (bool retried = false;; retried = true) {
            if (::unlinkat(folder, name.c_str(), flags) == 0 || errno == ENOENT) {
                return true;
            }
            const int error_number = errno;
            if (flags == 0 && is_folder(folder, name)) {
                return false;
            }
            if (error_number == EBUSY) {
                refuse_mount_point(path);
            }
            if (error_number != EPERM || retried || !make_removable(folder, name)) {
                throw_errno(error_number, "remove '" + path + "'");
            }
        }
    }

    static bool is_folder(int folder, const std::string& name) {
        struct stat status {};
        return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0
               && S_ISDIR(status.st_mode);
    }

    /// Immutable is either the entry or the folder it is in.
    static bool make_removable(int folder, const std::string& name) {
        const bool entry = os::clear_immutable(folder, name.c_str());
        const bool parent = os::clear_immutable(folder, ".");
        return entry || parent;
    }

    static UniqueFd open(int folder, const std::string& name, const std::string& path) {
        UniqueFd fd{os::open_child(folder, name.c_str())};
        if (!fd && errno == EXDEV) {
            refuse_mount_point(path);
        }
        check(fd.get(), "open folder '", path, "'");
        return fd;
    }

    /// What lies too deep is moved to the folder being emptied, which then finds it on its next
    /// pass. So the depth of a hostile tree costs neither descriptors nor stack.
    void move_to_top(int folder, const std::string& name, const std::string& path) {
        for (;;) {
            const std::string moved = ".deep-" + std::to_string(++moved_);
            if (::renameat(folder, name.c_str(), top_, moved.c_str()) == 0) {
                return;
            }
            if (errno == EBUSY) {
                refuse_mount_point(path);
            }
            if (errno == EXDEV && !accepts_any_project_) {
                // Whoever owned it gave it to another project.
                os::accept_any_project(top_);
                accepts_any_project_ = true;
                continue;
            }
            const bool name_is_taken = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
            if (!name_is_taken && (errno != EPERM || !make_removable(folder, name))) {
                throw_errno(errno, "move '" + path + "' to where it can be removed");
            }
        }
    }

    int top_;
    unsigned long moved_ = 0;
    bool accepts_any_project_ = false;
};

}  // namespace

void remove_tree(int folder, const std::string& name, const std::string& path) {
    if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) {
        return;
    }
    if (errno == EBUSY) {
        refuse_mount_point(path);
    }
    UniqueFd top{os::open_child(folder, name.c_str())};
    if (!top && errno == EXDEV) {
        refuse_mount_point(path);
    }
    check(top.get(), "open folder '", path, "'");
    const UniqueFd reader{check(
        ::openat(top.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open folder '", path, "'")};
    Remover{reader.get()}.empty(std::move(top), path, 0);
    check(::unlinkat(folder, name.c_str(), AT_REMOVEDIR), "remove '", path, "'");
}

}  // namespace brig::storage_dir
