// SPDX-License-Identifier: BSD-2-Clause
#include "support/mounts.hpp"

#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <array>
#include <cstring>
#include <vector>

namespace brig::test {

std::string mounts_below(const std::filesystem::path& folder) {
    std::vector<struct statfs> mounts(64);
    const int count = ::getfsstat(
        mounts.data(), static_cast<long>(mounts.size() * sizeof(struct statfs)), MNT_NOWAIT);
    mounts.resize(static_cast<std::size_t>(count < 0 ? 0 : count));
    std::string found;
    for (const struct statfs& mount : mounts) {
        const std::string point{static_cast<const char*>(mount.f_mntonname)};
        if (point.find(folder.string()) != std::string::npos) {
            found +=
                std::string{static_cast<const char*>(mount.f_mntfromname)} + " " + point + "\n";
        }
    }
    return found;
}

bool mount_tmpfs(const std::filesystem::path& folder) {
    std::array<std::string, 6> texts{"fstype", "tmpfs", "fspath", folder.string(), "from", "tmpfs"};
    std::vector<iovec> options;
    for (std::string& text : texts) {
        options.push_back({text.data(), text.size() + 1});
    }
    return ::nmount(options.data(), static_cast<unsigned>(options.size()), 0) == 0;
}

bool unmount(const std::filesystem::path& folder) {
    return ::unmount(folder.c_str(), 0) == 0;
}

bool make_zero_device(const std::filesystem::path& file) {
    struct stat zero {};
    return ::stat("/dev/zero", &zero) == 0
           && ::mknod(file.c_str(), S_IFCHR | 0666, zero.st_rdev) == 0;
}

}  // namespace brig::test
