// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/cgroup.hpp"

#include "host/linux/system_calls.hpp"
#include "support/check.hpp"
#include "support/remove_tree.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

namespace brig::host_linux {

namespace {

/// In the container's run folder.
constexpr const char* kLink = "cgroup";

/// The part of the tree of groups that can be reached here.
struct Hierarchy {
    UniqueFd top;
    std::string top_path = "/";  ///< which group `top` is, as /proc/self/cgroup spells it
};

/// Undoes the octal escapes of a field of mountinfo.
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

bool is_cgroup2(int fd) {
    struct statfs status {};
    return ::fstatfs(fd, &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC;
}

/// The hierarchy where it is mounted, if `line` of mountinfo says so; see proc(5).
Hierarchy mounted_by(const std::string& line) {
    if (line.find(" - cgroup2 ") == std::string::npos) {
        return {};
    }
    std::istringstream fields{line};
    std::string skipped;
    std::string root;
    std::string point;
    fields >> skipped >> skipped >> skipped >> root >> point;
    Hierarchy hierarchy{
        UniqueFd{::open(unescaped(point).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)},
        unescaped(root)};
    // Something else may be mounted over it.
    return hierarchy.top && is_cgroup2(hierarchy.top.get()) ? std::move(hierarchy) : Hierarchy{};
}

/// Only where nobody has mounted it: another mount would set its options anew for all.
Hierarchy mount_detached() {
    const UniqueFd system{sys_fsopen("cgroup2")};
    if (!system || sys_fsconfig_create(system.get()) != 0) {
        return {};
    }
    return {UniqueFd{sys_fsmount(system.get(), 0)}, "/"};
}

Hierarchy open_hierarchy() {
    std::ifstream mounts{"/proc/self/mountinfo"};
    for (std::string line; std::getline(mounts, line);) {
        if (Hierarchy found = mounted_by(line); found.top) {
            return found;
        }
    }
    Hierarchy hierarchy = mount_detached();
    if (!hierarchy.top) {
        const int error = errno;
        throw Error{ErrorCode::unsupported,
                    "there are no control groups of version 2 (cgroup2) on this host",
                    {error, std::generic_category()}}
            .with_hint(
                "ip4.addr and ip6.addr take a kernel with CONFIG_CGROUPS; give the jail "
                "ip4=inherit, or a network stack of its own");
    }
    return hierarchy;
}

/// The group that brig itself is in.
std::string own_group() {
    std::ifstream groups{"/proc/self/cgroup"};
    for (std::string line; std::getline(groups, line);) {
        if (line.starts_with("0::/")) {
            return line.substr(3);
        }
    }
    return "/";
}

/// The path of `group` from the top of the hierarchy, "." for the top itself, and for a group that
/// is outside of what can be seen here.
std::string below_top(const Hierarchy& hierarchy, const std::string& group) {
    const std::string top = hierarchy.top_path == "/" ? "" : hierarchy.top_path;
    if (!group.starts_with(top + "/") || group.find("/..") != std::string::npos) {
        return ".";
    }
    const std::string path = group.substr(top.size() + 1);
    return path.empty() ? "." : path;
}

std::string read_link(const std::filesystem::path& folder) {
    const std::filesystem::path link = folder / kLink;
    std::array<char, PATH_MAX> text{};
    const ssize_t size = ::readlink(link.c_str(), text.data(), text.size());
    if (size < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return {};
    }
    check(size, "read '{}'", link.native());
    return {text.data(), static_cast<std::size_t>(size)};
}

[[noreturn]] void throw_not_made(int error, const std::string& group) {
    try {
        throw_system_error(error, fmt::format("make the control group '{}'", group));
    } catch (Error& failure) {
        throw std::move(failure).with_hint(
            "ip4.addr and ip6.addr take a control group for the jail: the cgroup2 file system must "
            "be writable, which in a container it often is not");
    }
}

/// Others come and go beside it, and take `parent` away with the last of them.
void make_group(int top, const std::string& parent, const std::string& group) {
    constexpr int kTries = 100;
    constexpr mode_t kMode = 0755;
    for (int left = kTries; left > 0; --left) {
        if (::mkdirat(top, parent.c_str(), kMode) != 0 && errno != EEXIST) {
            break;
        }
        if (::mkdirat(top, group.c_str(), kMode) == 0) {
            return;
        }
        // Left by a container whose run folder was lost; its programs must go with it.
        if (errno == EEXIST && ::unlinkat(top, group.c_str(), AT_REMOVEDIR) == 0) {
            continue;
        }
        if (errno != ENOENT) {
            break;
        }
    }
    throw_not_made(errno, group);
}

/// Whoever is still in the group, stopped or not (Linux 5.14).
void kill_group(int top, const std::string& group) {
    const std::string file = group + "/cgroup.kill";
    const UniqueFd kill{::openat(top, file.c_str(), O_WRONLY | O_CLOEXEC)};
    // If it cannot be done, the group will not be empty.
    [[maybe_unused]] const ssize_t written = ::write(kill.get(), "1", 1);
}

/// A process that was killed leaves its group a little later than its namespaces. False if the
/// group is not empty even then.
bool remove_group(int top, const std::string& group) {
    using namespace std::chrono_literals;
    constexpr auto kPatience = 10s;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (::unlinkat(top, group.c_str(), AT_REMOVEDIR) != 0) {
        const int error = errno;
        // Asked for, since a read-only file system refuses to remove what is not there, too.
        if (::faccessat(top, group.c_str(), F_OK, 0) != 0 && errno == ENOENT) {
            return true;
        }
        errno = error;
        if (error != EBUSY || std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        kill_group(top, group);
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

}  // namespace

UniqueFd make_jail_cgroup(const std::string& name, const std::filesystem::path& folder) {
    remove_jail_cgroup(folder);
    const Hierarchy hierarchy = open_hierarchy();
    const std::string own = below_top(hierarchy, own_group());
    const std::string parent = own == "." ? "brig" : own + "/brig";
    const std::string group = parent + "/" + name;
    const std::string path = std::filesystem::path{hierarchy.top_path} / group;
    const std::filesystem::path link = folder / kLink;
    check(::symlink(path.c_str(), link.c_str()), "make '{}'", link.native());
    make_group(hierarchy.top.get(), parent, group);
    return UniqueFd{
        check(::openat(hierarchy.top.get(), group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open the control group '{}'",
              path)};
}

UniqueFd open_jail_cgroup(const std::filesystem::path& folder) {
    const std::string path = read_link(folder);
    if (path.empty()) {
        return {};
    }
    const Hierarchy hierarchy = open_hierarchy();
    const std::string group = below_top(hierarchy, path);
    return UniqueFd{
        check(::openat(hierarchy.top.get(), group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open the control group '{}'",
              path)};
}

void remove_jail_cgroup(const std::filesystem::path& folder) {
    const std::string path = read_link(folder);
    if (path.empty()) {
        return;
    }
    const Hierarchy hierarchy = open_hierarchy();
    const std::string group = below_top(hierarchy, path);
    if (group != "." && !remove_group(hierarchy.top.get(), group)) {
        throw_system_error(errno, fmt::format("remove the control group '{}'", path));
    }
    // There may be others in it.
    const std::string parent = std::filesystem::path{group}.parent_path();
    ::unlinkat(hierarchy.top.get(), parent.c_str(), AT_REMOVEDIR);
    // The container's owner and who stops it may both be here.
    remove_if_there(folder / kLink);
}

}  // namespace brig::host_linux
