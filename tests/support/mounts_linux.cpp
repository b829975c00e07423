// SPDX-License-Identifier: BSD-2-Clause
#include "support/mounts.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>

namespace brig::test {

std::string mounts_below(const std::filesystem::path& folder) {
    std::ifstream file{"/proc/self/mountinfo"};
    std::string found;
    for (std::string line; std::getline(file, line);) {
        found += line.find(folder.string()) != std::string::npos ? line + "\n" : "";
    }
    return found;
}

bool mount_tmpfs(const std::filesystem::path& folder) {
    return ::mount("tmpfs", folder.c_str(), "tmpfs", 0, nullptr) == 0;
}

bool unmount(const std::filesystem::path& folder) {
    return ::umount2(folder.c_str(), 0) == 0;
}

bool make_zero_device(const std::filesystem::path& file) {
    return ::mknod(file.c_str(), S_IFCHR | 0666, makedev(1, 5)) == 0;
}

}  // namespace brig::test
