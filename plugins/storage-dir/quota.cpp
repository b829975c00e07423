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
    const bool is_folder = S_ISDIR(entry.status.st_mode);
    if (!S_ISREG(entry.status.st_mode) && !is_folder) {
        return;  // others cannot be opened for that, and hold nothing
    }
    const UniqueFd fd{
        ::openat(entry.folder, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    check(fd.get(), "open '", entry.name, "'");
    const os::Membership membership =
        is_folder ? os::Membership::with_content : os::Membership::alone;
    const os::Joined joined = os::join_project(fd.get(), project, membership, entry.name);
    // A file that cannot is not counted. A folder has to: nothing could be moved into it.
    if (is_folder) {
        require_joined(joined, entry.name);
    }
}

/// The folders of a volume that hold its content.
std::vector<std::string> content_of(const Entry& volume) {
    std::vector<std::string> parts = os::kLayeredFolders;
    parts.emplace_back("tree");
    for (const std::string& number : names_on(*volume.shelf, volume.name + kLayers)) {
        parts.push_back("layers/" + number + kTree);
    }
    return parts;
}

/// Makes all content that is there part of the project.
void join_all(const sdk::Call& call, const Entry& volume, os::ProjectId project) {
    // Not through what may be mounted in it: that belongs to somebody else.
    const UniqueFd bare{os::open_uncovered(volume.shelf->fd(), volume.name.c_str())};
    check(bare.get(), "open folder '", volume.path(), "'");
    for (const std::string& part : content_of(volume)) {
        UniqueFd folder{os::open_child(bare.get(), part.c_str())};
        if (!folder && errno == ENOENT) {
            continue;
        }
        const std::string path = volume.path("/" + part);
        check(folder.get(), "open folder '", path, "'");
        require_joined(os::join_project(folder.get(), project, os::Membership::with_content, path),
                       path);
        walk_tree(std::move(folder), path, [&](const Visited& entry) {
            call.stop_point();
            join_existing(entry, project);
            return true;
        });
    }
}

void require_unmounted(const Entry& volume) {
    const std::string mount_point = volume.name + "/" + os::kMountPoint;
    if (os::mounted_on(volume.shelf->fd(), mount_point) != os::Mounted::nothing) {
        throw Error{BRIG_BUSY,
                    "volume '" + volume.name + "' is active, and cannot get its first quota now",
                    "stop what uses it, then try again"};
    }
}

}  // namespace

void limit_new(const Shelf& shelf, const std::string& name, std::uint64_t bytes) {
    const std::string path = shelf.path(name);
    const UniqueFd folder = open_volume(shelf, name);
    const ChoiceLock lock{shelf};
    const os::ProjectId project = choose_project(folder.get(), path);
    require_joined(os::join_project(folder.get(), project, os::Membership::alone, path), path);
    os::limit_project(folder.get(), project, bytes, path);
}

void join_content(const Shelf& shelf, const std::string& name, const std::string& part) {
    const UniqueFd volume = open_volume(shelf, name);
    if (const os::ProjectId project = os::project_of(volume.get()); is_ours(project)) {
        const UniqueFd folder = open_volume(shelf, name + part);
        const std::string path = shelf.path(name + part);
        require_joined(os::join_project(folder.get(), project, os::Membership::with_content, path),
                       path);
    }
}

void make_project(const sdk::Call& call, Entry& volume) {
    const UniqueFd folder = open_volume(*volume.shelf, volume.name);
    if (volume.label.limited && is_ours(os::project_of(folder.get()))) {
        return;
    }
    os::require_quota(volume.shelf->path("."));
    require_unmounted(volume);
    if (!volume.label.limited) {
        Label label = volume.label;
        label.limited = true;
        replace_label(volume, label);
    }
    const ChoiceLock lock{*volume.shelf};
    const os::ProjectId project = choose_project(folder.get(), volume.path());
    join_all(call, volume, project);
    // Last, since it tells that all has joined.
    require_joined(os::join_project(folder.get(), project, os::Membership::alone, volume.path()),
                   volume.path());
}

void set_limit(const Entry& volume, std::uint64_t bytes) {
    if (bytes == 0) {
        release_limit(*volume.shelf, volume.name);
        return;
    }
    const UniqueFd folder = open_volume(*volume.shelf, volume.name);
    os::limit_project(folder.get(), os::project_of(folder.get()), bytes, volume.path());
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
