// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/host_linux.hpp"
#include "host/linux/jail_policy.hpp"
#include "host/linux/system_calls.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

namespace brig::host_linux {

namespace {

UniqueFd open_root(const std::filesystem::path& root) {
    return UniqueFd{
        check(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open {}", root.native())};
}

std::string path_through(const UniqueFd& fd) {
    return fmt::format("/proc/self/fd/{}", fd.get());
}

std::filesystem::path resolved_path(const UniqueFd& fd) {
    std::array<char, PATH_MAX> path{};
    const std::string link = path_through(fd);
    const ssize_t size =
        check(::readlink(link.c_str(), path.data(), path.size()), "read the link {}", link);
    return std::string{path.data(), static_cast<std::size_t>(size)};
}

/// jail(8) refuses a mount point that is reached through a symbolic link, and so do we: it could
/// lead out of the root.
UniqueFd open_mount_point(const std::filesystem::path& root, const std::string& target) {
    const UniqueFd directory = open_root(root);
    UniqueFd point{sys_openat2(directory.get(),
                               target.c_str(),
                               O_PATH | O_DIRECTORY | O_CLOEXEC,
                               RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)};
    if (!point && errno == ELOOP) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("mount: {}{} is a symbolic link", root.native(), target)};
    }
    check(point.get(), "mount: {}{}", root.native(), target);
    return point;
}

void mount_directory(const PlannedMount& planned, const UniqueFd& point) {
    const UniqueFd tree{check(
        sys_open_tree(
            AT_FDCWD, planned.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
        "mount nullfs from '{}'",
        planned.source)};
    check(sys_mount_setattr(tree.get(),
                            "",
                            AT_EMPTY_PATH | AT_RECURSIVE,
                            planned.plan.attributes | MOUNT_ATTR_NODEV),
          "set the options of '{}'",
          planned.target);
    check(sys_move_mount(
              tree.get(), "", point.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
          "mount nullfs on '{}'",
          planned.target);
}

/// What may be opened for its contents. A device or a pipe of a hostile root does things when it
/// is opened, or never returns.
void require_ordinary(const UniqueFd& file, const std::string& path) {
    struct stat status = {};
    check(::fstat(file.get(), &status), "look at '{}' inside the root", path);
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("'{}' inside the root is neither a file nor a directory", path)};
    }
}

}  // namespace

void LinuxHost::check_mount(const Mount& mount) const {
    static_cast<void>(plan_mount(mount));
}

std::filesystem::path LinuxHost::mount(
    const std::filesystem::path& root,
    const Mount& mount,
    const std::function<void(const std::filesystem::path&)>& before) {
    const PlannedMount planned = plan_mount(mount);
    const bool is_memory = planned.plan.kind == MountKind::memory;
    if (!is_memory && planned.plan.kind != MountKind::directory) {
        throw Error{
            ErrorCode::unsupported,
            fmt::format("{} on '{}' can only be mounted in a jail", mount.type, mount.target)};
    }
    const UniqueFd point = open_mount_point(root, mount.target);
    std::filesystem::path target = resolved_path(point);
    before(target);
    if (!is_memory) {
        mount_directory(planned, point);
        return target;
    }
    check(::mount("tmpfs",
                  path_through(point).c_str(),
                  "tmpfs",
                  mount_flags(planned.plan.attributes),
                  planned.source.c_str()),
          "mount tmpfs on '{}'",
          mount.target);
    return target;
}

void LinuxHost::unmount(const std::filesystem::path& target) {
    if (::umount2(target.c_str(), UMOUNT_NOFOLLOW) == 0) {
        return;
    }
    const bool nothing_there = errno == EINVAL || errno == ENOENT;
    if (!nothing_there) {
        // Still in use: out of sight at once, and gone with its last user.
        check(errno == EBUSY ? ::umount2(target.c_str(), UMOUNT_NOFOLLOW | MNT_DETACH) : -1,
              "unmount {}",
              target.native());
    }
}

UniqueFd LinuxHost::open_inside(const std::filesystem::path& root,
                                const std::string& path,
                                int flags) {
    const UniqueFd directory = open_root(root);
    const int kept = flags & (O_DIRECTORY | O_NOFOLLOW);
    UniqueFd found{sys_openat2(directory.get(),
                               path.c_str(),
                               static_cast<std::uint64_t>(O_PATH | O_CLOEXEC | kept),
                               RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)};
    if (!found && (errno == ENOENT || errno == ENOTDIR)) {
        return {};
    }
    check(found.get(), "open '{}' inside {}", path, root.native());
    if ((flags & O_PATH) != 0) {
        return found;
    }
    require_ordinary(found, path);
    return UniqueFd{check(::open(path_through(found).c_str(), (flags & ~O_NOFOLLOW) | O_CLOEXEC),
                          "open '{}' inside {}",
                          path,
                          root.native())};
}

}  // namespace brig::host_linux
