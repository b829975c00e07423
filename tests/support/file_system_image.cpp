// SPDX-License-Identifier: BSD-2-Clause
#include "support/file_system_image.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace brig::test {
namespace {

constexpr std::uintmax_t kSize = std::uintmax_t{320} << 20U;  // XFS wants 300 MiB

std::string reason(const std::string& what) {
    return what + ": " + std::strerror(errno);
}

bool runs(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char* environment[] = {path, nullptr};
    pid_t pid = 0;
    int status = 0;
    return ::posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environment) == 0
           && ::waitpid(pid, &status, 0) == pid && status == 0;
}

/// A loop device that is backed by the file until it is unmounted; open, since before it is mounted
/// it would be cleared by closing it.
struct LoopDevice {
    std::string path;
    int fd;
};

LoopDevice attach(int file, std::string& failure) {
    const int control = ::open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    const int number = control < 0 ? -1 : ::ioctl(control, LOOP_CTL_GET_FREE);
    ::close(control);
    const std::string path = "/dev/loop" + std::to_string(number);
    const int device = number < 0 ? -1 : ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    loop_config config{};
    config.fd = static_cast<unsigned>(file);
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    if (device < 0 || ::ioctl(device, LOOP_CONFIGURE, &config) != 0) {
        failure = reason("no loop device");
    }
    return {path, device};
}

}  // namespace

FileSystemImage::FileSystemImage(const std::filesystem::path& file,
                                 const std::filesystem::path& mount_point,
                                 const std::string& type,
                                 std::vector<std::string> mkfs,
                                 const std::string& options)
    : mount_point_{mount_point}, failure_{make(file, type, std::move(mkfs), options)} {}

std::string FileSystemImage::make(const std::filesystem::path& file,
                                  const std::string& type,
                                  std::vector<std::string> mkfs,
                                  const std::string& options) {
    std::ofstream{file}.close();
    std::filesystem::resize_file(file, kSize);
    const std::string program = mkfs.front();
    mkfs.push_back(file.string());
    if (!runs(std::move(mkfs))) {
        return program + " is not there, or failed";
    }
    std::filesystem::create_directories(mount_point_);
    std::string failure;
    const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    const LoopDevice device = attach(fd, failure);
    ::close(fd);
    if (failure.empty()
        && ::mount(device.path.c_str(), mount_point_.c_str(), type.c_str(), 0, options.c_str())
               != 0) {
        failure = reason("this kernel does not mount " + type + " with '" + options + "'");
    }
    ::close(device.fd);
    return failure;
}

FileSystemImage::~FileSystemImage() {
    ::umount2(mount_point_.c_str(), MNT_DETACH);
}

}  // namespace brig::test
