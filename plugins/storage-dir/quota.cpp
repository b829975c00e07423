// SPDX-License-Identifier: BSD-2-Clause
#include "quota.hpp"

#include "os.hpp"
#include "os_quota.hpp"
#include "tree_walk.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace brig::storage_dir {
namespace {

/// Our projects have high numbers: /etc/projects and other engines begin at the low ones.
constexpr os::ProjectId kFirstProject = 0x40000000;
constexpr os::ProjectId kProjects = 0x3fffffff;
constexpr os::ProjectId kMostTries = 4096;

bool is_ours(os::ProjectId project) {
    return project >= kFirstProject && project - kFirstProject < kProjects;
}

/// Held while a number is chosen until the file system shows that it is used.
class ChoiceLock {
  public:
    explicit ChoiceLock(const Shelf& shelf) : fd_{shelf.fd()} {
        check(::flock(fd_, LOCK_EX), "lock '", shelf.path(""), "'");
    }
    ChoiceLock(const ChoiceLock&) = delete;
    ChoiceLock& operator=(const ChoiceLock&) = delete;
    ChoiceLock(ChoiceLock&&) = delete;
    ChoiceLock& operator=(ChoiceLock&&) = delete;

    ~ChoiceLock() { ::flock(fd_, LOCK_UN); }

  private:
    int fd_;
};

UniqueFd open_volume(const Shelf& shelf, const std::string& name) {
    UniqueFd fd{
        ::openat(shelf.fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    check(fd.get(), "open folder '", shelf.path(name), "'");
    return fd;
}

bool is_free(int fd, os::ProjectId project) {
    const std::optional<os::ProjectUse> use = os::project_use(fd, project);
    return !use || (use->bytes == 0 && use->inodes == 0 && use->limit == 0);
}

/// The number follows from the folder's inode, which nobody else on the file system has, so that
/// storages that know nothing of each other do not meet. Where inodes have more than 30 bits that
/// is only likely, and somebody else may have chosen the number anyhow: one in use is left alone.
os::ProjectId choose_project(int folder, const std::string& path) {
    struct stat status {};
    check(::fstat(folder, &status), "examine '", path, "'");
    for (os::ProjectId i = 0; i < kMostTries; ++i) {
        const auto project =
            kFirstProject + static_cast<os::ProjectId>((status.st_ino + i) % kProjects);
        if (is_free(folder, project)) {
            return project;
        }
    }
    throw Error{BRIG_EXHAUSTED,
                "'" + path + "' finds no project of its file system that is not in use",
                "repquota -P shows who has them"};
}

void require_joined(os::Joined joined, const std::string& path) {
    if (joined != os::Joined::yes) {
        throw Error{BRIG_UNSUPPORTED,
                    "'" + path + "' cannot become a project of its file system",
                    "take its immutable flag off"};
    }
}

/// Makes a file that is there already part of the project.
void join_existing(const Visited& entry, os::ProjectId project) {
    if (!S_ISREG(entry.status.st_mode) && !S_ISDIR(entry.status.st_mode)) {
        return;  // others cannot be opened for that, and hold nothing
    }
    const UniqueFd fd{
        ::openat(entry.folder, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    check(fd.get(), "open '", entry.name, "'");
    // A file that cannot is not counted. A folder has to: nothing could be moved into it.
    const os::Joined joined = os::join_project(fd.get(), project, entry.name);
    if (S_ISDIR(entry.status.st_mode)) {
        require_joined(joined, entry.name);
    }
}

/// The folder itself is last: its project tells that all of it has joined.
os::ProjectId become_project(const sdk::Call& call, Entry& volume, int folder) {
    const std::string mount_point = volume.name + "/" + os::kMountPoint;
    if (os::mounted_on(volume.shelf->fd(), mount_point) != os::Mounted::nothing) {
        throw Error{BRIG_BUSY,
                    "volume '" + volume.name + "' is active, and cannot get its first quota now",
                    "stop what uses it, then try again"};
    }
    if (!volume.label.limited) {
        Label label = volume.label;
        label.limited = true;
        replace_label(volume, label);
    }
    const os::ProjectId project = choose_project(folder, volume.path());
    // Not through what may be mounted in it: that belongs to somebody else.
    UniqueFd bare{os::open_uncovered(volume.shelf->fd(), volume.name.c_str())};
    check(bare.get(), "open folder '", volume.path(), "'");
    walk_tree(std::move(bare), volume.path(), [&](const Visited& entry) {
        call.stop_point();
        join_existing(entry, project);
    });
    require_joined(os::join_project(folder, project, volume.path()), volume.path());
    return project;
}

}  // namespace

void limit_new(const Shelf& shelf, const std::string& name, std::uint64_t bytes) {
    const UniqueFd folder = open_volume(shelf, name);
    const ChoiceLock lock{shelf};
    const os::ProjectId project = choose_project(folder.get(), shelf.path(name));
    require_joined(os::join_project(folder.get(), project, shelf.path(name)), shelf.path(name));
    os::limit_project(folder.get(), project, bytes, shelf.path(name));
}

void limit_volume(const sdk::Call& call, Entry& volume, std::uint64_t bytes) {
    const UniqueFd folder = open_volume(*volume.shelf, volume.name);
    os::ProjectId project = os::project_of(folder.get());
    std::optional<ChoiceLock> lock;
    if (!is_ours(project)) {
        os::require_quota(volume.shelf->path("."));
        lock.emplace(*volume.shelf);
        project = become_project(call, volume, folder.get());
    }
    if (bytes == 0) {
        os::unlimit_project(folder.get(), project, volume.path());
    } else {
        os::limit_project(folder.get(), project, bytes, volume.path());
    }
}

void release_limit(const Shelf& shelf, const std::string& name) {
    const UniqueFd folder = open_volume(shelf, name);
    if (const os::ProjectId project = os::project_of(folder.get()); is_ours(project)) {
        os::unlimit_project(folder.get(), project, shelf.path(name));
    }
}

std::optional<LimitedUse> limited_use(const Entry& volume) {
    if (!volume.label.limited) {
        return std::nullopt;
    }
    const UniqueFd folder = open_volume(*volume.shelf, volume.name);
    const os::ProjectId project = os::project_of(folder.get());
    const std::optional<os::ProjectUse> use =
        is_ours(project) ? os::project_use(folder.get(), project) : std::nullopt;
    return use ? std::optional{LimitedUse{use->bytes, use->limit}} : std::nullopt;
}

}  // namespace brig::storage_dir
