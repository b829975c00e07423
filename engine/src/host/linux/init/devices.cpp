// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/build_jail.hpp"
#include "host/linux/system_calls.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace brig::host_linux {

namespace {

struct Device {
    const char* name;
    unsigned major;
    unsigned minor;
};

constexpr Device kDevices[] = {
    {"null", 1, 3},
    {"zero", 1, 5},
    {"full", 1, 7},
    {"random", 1, 8},
    {"urandom", 1, 9},
    {"tty", 5, 0},
};

struct Link {
    const char* name;
    const char* to;
};

constexpr Link kLinks[] = {
    {"ptmx", "pts/ptmx"},
    {"fd", "/proc/self/fd"},
    {"stdin", "fd/0"},
    {"stdout", "fd/1"},
    {"stderr", "fd/2"},
};

bool make_nodes(BuildReport& report) noexcept {
    for (const Device& device : kDevices) {
        if (::mknod(device.name, S_IFCHR | 0666U, makedev(device.major, device.minor)) != 0) {
            return failed(report, "make the device", device.name);
        }
    }
    for (const Link& link : kLinks) {
        if (::symlink(link.to, link.name) != 0) {
            return failed(report, "make the link in /dev", link.name);
        }
    }
    return true;
}

}  // namespace

bool make_devices(JailParts& parts, BuildReport& report) noexcept {
    if (::mount("devfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755") != 0
        || ::chdir("/dev") != 0) {
        return failed(report, "make the devfs of the jail");
    }
    if (!make_nodes(report)) {
        return false;
    }
    // /dev/shm is a directory of the same tmpfs: one file system less to make and to end.
    if (::mkdir("pts", 0755) != 0 || ::mkdir("shm", 01777) != 0) {
        return failed(report, "make the directories of the jail's devfs");
    }
    if (::mount("devpts",
                "pts",
                "devpts",
                MS_NOSUID | MS_NOEXEC,
                "newinstance,ptmxmode=0666,mode=0620,gid=5")
        != 0) {
        return failed(report, "mount the pseudo-terminals of the jail");
    }
    parts.null = ::open("null", O_RDWR | O_CLOEXEC);
    parts.terminals = ::open("pts", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return (parts.null >= 0 && parts.terminals >= 0)
           || failed(report, "open the devices of the jail");
}

}  // namespace brig::host_linux
