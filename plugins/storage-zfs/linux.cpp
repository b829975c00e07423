// SPDX-License-Identifier: BSD-2-Clause
#include "os.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <string>

namespace brig::storage_zfs::os {

const std::string_view kDefaultFolder = "/var/lib/brig/zfs";
const std::string_view kJailedProperty;

namespace {

// ---- mountinfo ----

std::string read_file(const std::string& path) {
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    return fd ? read_whole(fd.get(), path) : std::string{};
}

/// Undoes the octal escapes of proc(5).
std::string unescaped(std::string_view field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\\' && i + 3 < field.size()) {
            text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8
                                      + (field[i + 3] - '0'));
            i += 3;
        } else {
            text += field[i];
        }
    }
    return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

bool has_option(std::string_view options, std::string_view option) {
    while (!options.empty()) {
        const std::size_t end = std::min(options.find(','), options.size());
        if (options.substr(0, end) == option) {
            return true;
        }
        options.remove_prefix(std::min(end + 1, options.size()));
    }
    return false;
}

/// "42 26 0:38 / /path rw,nodev shared:1 - fuse.zfs tank/a rw"
std::optional<Mount> parse_mount(std::string_view line) {
    const std::vector<std::string_view> words = words_of(line);
    const auto separator = std::find(words.begin(), words.end(), "-");
    if (words.size() < 7 || words.end() - separator < 3) {
        return std::nullopt;
    }
    return Mount{unescaped(separator[2]),
                 unescaped(words[4]),
                 joined(words[0], " ", words[2]),
                 has_option(words[5], "ro"),
                 has_option(words[5], "nodev")};
}

// ---- Who uses a mount ----

std::uint64_t mount_id(const std::string& path) {
    struct statx status {};
    const bool known = ::statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT, STATX_MNT_ID, &status) == 0
                       && (status.stx_mask & STATX_MNT_ID) != 0;
    return known ? status.stx_mnt_id : 0;
}

/// False as well if the process ended meanwhile, or may not be looked at.
bool any_link_leads_to(const std::string& folder, std::uint64_t mount) {
    const UniqueFd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::optional<std::vector<std::string>> names =
        fd ? try_names_in(fd.get()) : std::nullopt;
    return names && std::any_of(names->begin(), names->end(), [&](const std::string& name) {
               return mount_id(joined(folder, "/", name)) == mount;
           });
}

/// How a process uses `mount`, or "".
std::string use_of(const std::string& process, std::uint64_t mount) {
    if (mount_id(process + "/cwd") == mount) {
        return "works in it";
    }
    if (mount_id(process + "/root") == mount) {
        return "has its root in it";
    }
    if (any_link_leads_to(process + "/fd", mount)) {
        return "has a file of it open";
    }
    if (mount_id(process + "/exe") == mount || any_link_leads_to(process + "/map_files", mount)) {
        return "runs a program of it";
    }
    return {};
}

/// "process 123 (sh) works in it", or "" if nobody can be found.
std::string find_user(const std::string& path) {
    const std::uint64_t mount = mount_id(path);
    const UniqueFd processes{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::optional<std::vector<std::string>> names =
        processes && mount != 0 ? try_names_in(processes.get()) : std::nullopt;
    for (const std::string& pid : names.value_or(std::vector<std::string>{})) {
        if (pid.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        const std::string process = "/proc/" + pid;
        if (const std::string use = use_of(process, mount); !use.empty()) {
            const std::string command = read_file(process + "/comm");
            return joined("process ", pid, " (", command.substr(0, command.find('\n')), ") ", use);
        }
    }
    return {};
}

std::optional<std::string> find_mount_in(const std::string& path) {
    for (const Mount& mount : mounts()) {
        if (mount.path.compare(0, path.size() + 1, path + "/") == 0) {
            return mount.path;
        }
    }
    return std::nullopt;
}

/// Who keeps `path` from being unmounted, or "".
std::string obstacle_in(const std::string& path) {
    const std::optional<std::string> inner = find_mount_in(path);
    return inner ? joined("'", *inner, "' is mounted in it") : find_user(path);
}

// ---- FUSE ----

bool is_fuse(const std::string& path) {
    constexpr long kFuseMagic = 0x65735546;
    struct statfs status {};
    return ::statfs(path.c_str(), &status) == 0 && status.f_type == kFuseMagic;
}

/// The kernel's list of FUSE connections, which need not be mounted anywhere: by a mount that only
/// this descriptor knows.
UniqueFd open_connections() {
    const UniqueFd context{::fsopen("fusectl", FSOPEN_CLOEXEC)};
    if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        return UniqueFd{};
    }
    return UniqueFd{::fsmount(context.get(), FSMOUNT_CLOEXEC, 0)};
}

/// Waits until the daemon has heard of every file that was closed. That comes to it later, and
/// not at all once it is unmounted: zfs-fuse then takes it for open for ever, and hangs.
void settle_fuse(const std::string& path) {
    constexpr int kAttempts = 400;
    constexpr int kPause = 5;
    struct stat status {};
    const UniqueFd connections = open_connections();
    if (!connections || ::stat(path.c_str(), &status) != 0) {
        ::poll(nullptr, 0, kPause * 4);
        return;
    }
    const std::string name = joined(std::to_string(minor(status.st_dev)), "/waiting");
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const UniqueFd waiting{::openat(connections.get(), name.c_str(), O_RDONLY | O_CLOEXEC)};
        char first = '0';
        if (!waiting || ::read(waiting.get(), &first, 1) != 1 || first == '0') {
            return;
        }
        ::poll(nullptr, 0, kPause);
    }
}

/// 0, or an errno.
int try_to_unmount(const std::string& path, int flags) {
    return ::umount2(path.c_str(), UMOUNT_NOFOLLOW | flags) == 0 ? 0 : errno;
}

}  // namespace

std::vector<Mount> mounts() {
    const std::string text = read_file("/proc/self/mountinfo");
    std::vector<Mount> found;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (std::optional<Mount> mount =
                parse_mount(std::string_view{text}.substr(begin, end - begin))) {
            found.push_back(*std::move(mount));
        }
        begin = end + 1;
    }
    return found;
}

bool has_modern_zfs() noexcept {
    // zfs-fuse has no module. OpenZFS has been at 2.1 before any kernel that brig runs on.
    return ::access("/sys/module/zfs", F_OK) == 0;
}

std::string pool_state(const std::string& pool) {
    const std::string text = read_file(joined("/proc/spl/kstat/zfs/", pool, "/state"));
    return text.substr(0, text.find('\n'));
}

bool mount(const std::string& dataset, const std::string& path, bool read_only) {
    if (dataset.find('@') == std::string::npos || !has_modern_zfs()) {
        // Only the command knows what the properties mean for the mount.
        return false;
    }
    const unsigned long flags = MS_NODEV | MS_NOSUID | MS_NOEXEC | (read_only ? MS_RDONLY : 0);
    check(::mount(dataset.c_str(), path.c_str(), "zfs", flags, nullptr),
          "mount '",
          dataset,
          "' on '",
          path,
          "'");
    return true;
}

void mark_active(const std::string& path) {
    // No device files: those of an image would open the host's disks to the container. Whatever
    // else zfs mount has set stays, unlike with mount(2).
    struct mount_attr attributes {};
    attributes.attr_set = MOUNT_ATTR_NODEV;
    check(::mount_setattr(
              AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, &attributes, sizeof attributes),
          "forbid device files in '",
          path,
          "'");
}

void unmount(const std::string& path, bool force) {
    constexpr int kAttempts = 10;
    constexpr int kPause = 20;
    if (is_fuse(path)) {
        settle_fuse(path);
    }
    int error_number = try_to_unmount(path, 0);
    if (error_number == EBUSY && force) {
        // ZFS on Linux cannot take files away from who has them open, as `zfs unmount -f` would.
        error_number = try_to_unmount(path, MNT_DETACH);
    }
    for (int attempt = 1; error_number == EBUSY; ++attempt) {
        // One that nobody can be seen to use is let go in a moment: a process that is just started
        // holds what its parent had open.
        const std::string obstacle = obstacle_in(path);
        if (!obstacle.empty() || attempt == kAttempts) {
            throw Error{BRIG_BUSY,
                        joined("'", path, "' is in use", obstacle.empty() ? "" : ": ", obstacle),
                        "end what uses it, then try again"};
        }
        ::poll(nullptr, 0, kPause);
        error_number = try_to_unmount(path, 0);
    }
    if (error_number != 0 && error_number != EINVAL && error_number != ENOENT) {
        throw_errno(error_number, joined("unmount '", path, "'"));
    }
}

}  // namespace brig::storage_zfs::os
