// SPDX-License-Identifier: BSD-2-Clause
#include "tree_walk.hpp"

#include "os.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <memory>
#include <vector>

namespace brig::storage_dir {
namespace {

/// How many of the innermost folders stay open: RLIMIT_NOFILE may be as low as 256.
constexpr std::size_t kOpenLevels = 64;

class Walk {
  public:
    Walk(const std::string& path, const std::function<bool(const Visited&)>& visit)
        : path_{path}, visit_{visit} {}

    void run(UniqueFd top) {
        enter(std::move(top));
        while (!levels_.empty()) {
            std::vector<std::string>& folders = levels_.back().folders;
            if (folders.empty()) {
                leave();
                continue;
            }
            const std::string name = std::move(folders.back());
            folders.pop_back();
            // Gone meanwhile, replaced by something else, or a mount point.
            if (UniqueFd fd{os::open_child(levels_.back().fd.get(), name.c_str())}) {
                enter(std::move(fd));
            }
        }
    }

  private:
    struct Level {
        UniqueFd fd;
        dev_t device;
        ino_t inode;
        std::vector<std::string> folders;  ///< those in it that are still to be entered
    };

    void enter(UniqueFd fd) {
        struct stat status {};
        check(::fstat(fd.get(), &status), "examine a folder in '", path_, "'");
        Level level{std::move(fd), status.st_dev, status.st_ino, {}};
        each_name_in(level.fd.get(), path_, [&](const std::string& name) { visit(level, name); });
        if (levels_.size() >= kOpenLevels) {
            levels_[levels_.size() - kOpenLevels].fd = UniqueFd{};
        }
        levels_.push_back(std::move(level));
    }

    void visit(Level& level, const std::string& name) const {
        struct stat status {};
        if (::fstatat(level.fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            check_unless(ENOENT, -1, "examine '", name, "' in '", path_, "'");
            return;
        }
        const bool wants_inside = visit_({level.fd.get(), name, status});
        if (wants_inside && S_ISDIR(status.st_mode)) {
            level.folders.push_back(name);
        }
    }

    void leave() {
        const UniqueFd left = std::move(levels_.back().fd);
        levels_.pop_back();
        if (levels_.empty() || levels_.back().fd) {
            return;
        }
        Level& above = levels_.back();
        above.fd = UniqueFd{::openat(left.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        struct stat status {};
        check(above.fd ? ::fstat(above.fd.get(), &status) : -1, "go back up in '", path_, "'");
        if (status.st_dev != above.device || status.st_ino != above.inode) {
            throw Error{BRIG_UNAVAILABLE,
                        "a folder in '" + path_ + "' was moved while it was looked at",
                        "try again, best when nothing is changed there"};
        }
    }

    const std::string& path_;
    const std::function<bool(const Visited&)>& visit_;
    std::vector<Level> levels_;
};

}  // namespace

void walk_tree(UniqueFd top,
               const std::string& path,
               const std::function<bool(const Visited&)>& visit) {
    Walk{path, visit}.run(std::move(top));
}

void each_name_in(int folder,
                  const std::string& path,
                  const std::function<void(const std::string&)>& use) {
    // A descriptor of its own, since reading moves the position.
    UniqueFd own{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{own ? ::fdopendir(own.get()) : nullptr,
                                                     &::closedir};
    check(stream != nullptr ? 0 : -1, "read a folder in '", path, "'");
    static_cast<void>(own.release());
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string name{static_cast<const char*>(entry->d_name)};
        if (name != "." && name != "..") {
            use(name);
        }
        errno = 0;
    }
    check(errno == 0 ? 0 : -1, "read a folder in '", path, "'");
}

}  // namespace brig::storage_dir
