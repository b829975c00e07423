// SPDX-License-Identifier: BSD-2-Clause
#include "os.hpp"

#include <libutil.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace brig::storage_zfs::os {

const std::string_view kDefaultFolder = "/var/db/brig/zfs";
const std::string_view kJailedProperty = "jailed";

namespace {

/// The name and the value of one option of nmount(2), which does not write to them.
void add_option(std::vector<iovec>& options, const char* name, const std::string& value) {
    options.push_back({const_cast<char*>(name), std::strlen(name) + 1});
    options.push_back({const_cast<char*>(value.c_str()), value.size() + 1});
}

// ---- Who uses a mount ----

template <typename Entry>
using Entries = std::unique_ptr<Entry, decltype(&std::free)>;

std::string word_for(const kinfo_file& file) {
    switch (file.kf_fd) {
        case KF_FD_TYPE_CWD:
            return "works in it";
        case KF_FD_TYPE_ROOT:
        case KF_FD_TYPE_JAIL:
            return "has its root in it";
        case KF_FD_TYPE_TEXT:
            return "runs a program of it";
        default:
            return "has a file of it open";
    }
}

/// How a process uses the file system `device`, or "".
std::string use_of(pid_t pid, dev_t device) {
    int count = 0;
    const Entries<kinfo_file> files{::kinfo_getfile(pid, &count), &std::free};
    for (int i = 0; files != nullptr && i < count; ++i) {
        const kinfo_file& file = files.get()[i];
        if (file.kf_type == KF_TYPE_VNODE && file.kf_un.kf_file.kf_file_fsid == device) {
            return word_for(file);
        }
    }
    count = 0;
    const Entries<kinfo_vmentry> maps{::kinfo_getvmmap(pid, &count), &std::free};
    for (int i = 0; maps != nullptr && i < count; ++i) {
        const kinfo_vmentry& map = maps.get()[i];
        if (map.kve_type == KVME_TYPE_VNODE && map.kve_vn_fsid == device) {
            return "runs a program of it";
        }
    }
    return {};
}

/// "process 123 (sh) works in it", or "" if nobody can be found.
std::string find_user(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return {};
    }
    int count = 0;
    const Entries<kinfo_proc> processes{::kinfo_getallproc(&count), &std::free};
    for (int i = 0; processes != nullptr && i < count; ++i) {
        const kinfo_proc& process = processes.get()[i];
        const std::string use = use_of(process.ki_pid, status.st_dev);
        if (!use.empty()) {
            return joined("process ",
                          std::to_string(process.ki_pid),
                          " (",
                          static_cast<const char*>(process.ki_comm),
                          ") ",
                          use);
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

bool is_mounted(const std::string& path) {
    struct statfs status {};
    return ::statfs(path.c_str(), &status) == 0
           && path == static_cast<const char*>(status.f_mntonname);
}

}  // namespace

std::vector<Mount> mounts() {
    std::vector<struct statfs> table;
    int count = check(::getfsstat(nullptr, 0, MNT_NOWAIT), "list what is mounted");
    // Some more, for what is mounted in between.
    table.resize(static_cast<std::size_t>(count) + 16);
    count = check(
        ::getfsstat(
            table.data(), static_cast<long>(table.size() * sizeof(struct statfs)), MNT_NOWAIT),
        "list what is mounted");
    table.resize(static_cast<std::size_t>(count));
    std::vector<Mount> found;
    for (const struct statfs& each : table) {
        found.push_back(
            {static_cast<const char*>(each.f_mntfromname),
             static_cast<const char*>(each.f_mntonname),
             joined(std::to_string(each.f_fsid.val[0]), ":", std::to_string(each.f_fsid.val[1])),
             (each.f_flags & MNT_RDONLY) != 0,
             (each.f_flags & MNT_IGNORE) == 0});
    }
    return found;
}

bool has_modern_zfs() noexcept {
    return true;
}

std::string pool_state(const std::string& pool) {
    std::array<char, 64> state{};
    std::size_t length = state.size() - 1;
    const std::string name = joined("kstat.zfs.", pool, ".misc.state");
    return ::sysctlbyname(name.c_str(), state.data(), &length, nullptr, 0) == 0
               ? std::string{state.data()}
               : std::string{};
}

bool mount(const std::string& dataset, const std::string& path, bool read_only) {
    const std::string type{"zfs"};
    std::array<char, 255> message{};
    std::vector<iovec> options;
    add_option(options, "fstype", type);
    add_option(options, "fspath", path);
    add_option(options, "from", dataset);
    options.push_back({const_cast<char*>("errmsg"), sizeof "errmsg"});
    options.push_back({message.data(), message.size()});
    // What is mounted to be looked into is marked by the flag that hides it from df(1).
    const int flags = read_only ? MNT_RDONLY | MNT_IGNORE : 0;
    if (::nmount(options.data(), static_cast<unsigned>(options.size()), flags) != 0) {
        const int error_number = errno;
        const std::string reason{message.data()};
        throw_errno(error_number,
                    joined("mount '",
                           dataset,
                           "' on '",
                           path,
                           "'",
                           reason.empty() ? "" : " (",
                           reason,
                           reason.empty() ? "" : ")"));
    }
    return true;
}

void mark_active(const std::string& /*path*/) {
    // mount() did it.
}

void unmount(const std::string& path, bool force) {
    if (!is_mounted(path) || ::unmount(path.c_str(), force ? MNT_FORCE : 0) == 0) {
        return;
    }
    if (errno != EBUSY) {
        throw_errno(errno, joined("unmount '", path, "'"));
    }
    const std::optional<std::string> inner = find_mount_in(path);
    const std::string user = inner ? joined("'", *inner, "' is mounted in it") : find_user(path);
    throw Error{BRIG_BUSY,
                joined("'", path, "' is in use", user.empty() ? "" : ": ", user),
                "end what uses it, then try again"};
}

}  // namespace brig::storage_zfs::os
