// SPDX-License-Identifier: BSD-2-Clause
#include "mountinfo_linux.hpp"
#include "os_quota.hpp"

#include <fcntl.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>

namespace brig::storage_dir::os {
namespace {

/// The unit of limits in if_dqblk, whatever the file system's blocks are.
constexpr std::uint64_t kUnit = 1024;

/// quotactl_fd(2): by an open file rather than by the device, which need not be visible here. The
/// generic commands work on XFS as well.
int quota_call(int fd, unsigned command, ProjectId project, void* argument) noexcept {
    return static_cast<int>(
        ::syscall(SYS_quotactl_fd, fd, QCMD(command, PRJQUOTA), project, argument));
}

/// False if the file system keeps none.
bool read_attributes(int fd, fsxattr& attributes) {
    if (::ioctl(fd, FS_IOC_FSGETXATTR, &attributes) == 0) {
        return true;
    }
    if (errno != ENOTTY && errno != EOPNOTSUPP && errno != EINVAL) {
        throw_errno(errno, "ask for the project of a file");
    }
    return false;
}

/// Are projects counted, and their limits kept?
bool enforces_quotas(int fd) noexcept {
    constexpr unsigned kNeeded = FS_QUOTA_PDQ_ACCT | FS_QUOTA_PDQ_ENFD;
    fs_quota_stat status{};
    return quota_call(fd, Q_XGETQSTAT, 0, &status) == 0 && (status.qs_flags & kNeeded) == kNeeded;
}

MountLine mount_of(int fd) {
    struct statx status {};
    const bool known = ::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) == 0;
    std::vector<MountLine> mounts = mount_table();
    const auto found = std::find_if(mounts.begin(), mounts.end(), [&](const MountLine& mount) {
        return known && mount.id == status.stx_mnt_id;
    });
    return found != mounts.end() ? std::move(*found)
                                 : MountLine{0, {}, "an unknown file system", {}};
}

std::string hint_for(const MountLine& mount) {
    if (mount.type == "xfs") {
        return "unmount '" + mount.device
               + "' and mount it with the option prjquota (for the root file system: "
                 "rootflags=prjquota to the kernel)";
    }
    if (mount.type == "ext4") {
        return "once, while it is not mounted: tune2fs -O project,quota '" + mount.device
               + "'; then mount it with the option prjquota";
    }
    return "put the storage's 'path' on XFS or ext4, mounted with the option prjquota";
}

[[noreturn]] void refuse(int fd, const std::string& path) {
    const MountLine mount = mount_of(fd);
    const bool could = mount.type == "xfs" || mount.type == "ext4";
    throw Error{BRIG_UNSUPPORTED,
                joined("quotas need a file system with project quotas, and '",
                       path,
                       "' lies on ",
                       mount.type,
                       could ? ", for which they are not switched on" : ", which has none"),
                hint_for(mount)};
}

}  // namespace

void require_quota(const std::string& path) {
    const UniqueFd fd{check(
        ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open folder '", path, "'")};
    fsxattr attributes{};
    if (!read_attributes(fd.get(), attributes) || !enforces_quotas(fd.get())) {
        refuse(fd.get(), path);
    }
    // Nothing of another project could be moved into it, as each new volume is.
    if ((attributes.fsx_xflags & FS_XFLAG_PROJINHERIT) != 0) {
        throw Error{BRIG_UNSUPPORTED,
                    "'" + path + "' is part of project " + std::to_string(attributes.fsx_projid)
                        + ", and nothing in it can be a project of its own",
                    "put the storage's 'path' elsewhere, or leave 'quota' out"};
    }
}

ProjectId project_of(int fd) {
    fsxattr attributes{};
    return read_attributes(fd, attributes) ? attributes.fsx_projid : 0;
}

Joined join_project(int fd, ProjectId project, Membership membership, const std::string& path) {
    fsxattr attributes{};
    if (!read_attributes(fd, attributes)) {
        return Joined::cannot;
    }
    attributes.fsx_projid = project;
    if (membership == Membership::with_content) {
        attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
    }
    if (::ioctl(fd, FS_IOC_FSSETXATTR, &attributes) != 0) {
        if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOTTY) {
            return Joined::cannot;
        }
        throw_errno(errno, "make '" + path + "' part of a project");
    }
    return Joined::yes;
}

void accept_any_project(int folder) noexcept {
    fsxattr attributes{};
    if (::ioctl(folder, FS_IOC_FSGETXATTR, &attributes) == 0) {
        attributes.fsx_xflags &= ~static_cast<unsigned>(FS_XFLAG_PROJINHERIT);
        ::ioctl(folder, FS_IOC_FSSETXATTR, &attributes);
    }
}

std::optional<ProjectUse> project_use(int fd, ProjectId project) {
    if_dqblk block{};
    if (quota_call(fd, Q_GETQUOTA, project, &block) != 0) {
        if (errno == ENOENT || errno == ESRCH || errno == ENOSYS) {
            return std::nullopt;
        }
        throw_errno(errno, "ask for the quota of project " + std::to_string(project));
    }
    return ProjectUse{block.dqb_curspace, block.dqb_curinodes, block.dqb_bhardlimit * kUnit};
}

void limit_project(int fd, ProjectId project, std::uint64_t bytes, const std::string& path) {
    if_dqblk block{};
    block.dqb_bhardlimit = (bytes + kUnit - 1) / kUnit;
    block.dqb_bsoftlimit = block.dqb_bhardlimit;  // XFS shows it in statfs(2)
    block.dqb_valid = QIF_BLIMITS;
    if (quota_call(fd, Q_SETQUOTA, project, &block) != 0) {
        if (errno == ESRCH || errno == ENOSYS) {
            refuse(fd, path);
        }
        throw_errno(errno, "limit '" + path + "'");
    }
}

void unlimit_project(int fd, ProjectId project, const std::string& path) {
    if_dqblk block{};
    block.dqb_valid = QIF_BLIMITS;
    if (quota_call(fd, Q_SETQUOTA, project, &block) != 0 && errno != ESRCH && errno != ENOSYS) {
        throw_errno(errno, "take the limit off '" + path + "'");
    }
}

}  // namespace brig::storage_dir::os
