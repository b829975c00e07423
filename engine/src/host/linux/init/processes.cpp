// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/build_jail.hpp"
#include "host/linux/system_calls.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>

namespace brig::host_linux {

namespace {

/// The host's, not the jail's: addresses and memory of the kernel, keys, timers of others, the
/// rhythm of its interrupts, and a file that reboots it. Reading gives nothing.
constexpr const char* kMasked[] = {
    "kcore",
    "keys",
    "interrupts",
    "timer_list",
    "sysrq-trigger",
    "kpagecount",
    "kpageflags",
    "kpagecgroup",
    "latency_stats",
    "sched_debug",
};

/// Written by whoever is uid 0, whatever his capabilities, with effect on the host:
/// kernel.core_pattern alone would be a way out of the jail.
constexpr const char* kReadOnly[] = {
    "sys",
    "bus",
    "fs",
    "irq",
    "acpi",
    "scsi",
};

/// Mounts the jail's null device, read-only so that its mode stays, on `file`.
bool cover(int null, const char* file) noexcept {
    const int tree = sys_open_tree(null, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    if (tree < 0) {
        return false;
    }
    const bool covered = sys_mount_setattr(tree, "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY) == 0
                         && sys_move_mount(tree, "", AT_FDCWD, file, MOVE_MOUNT_F_EMPTY_PATH) == 0;
    ::close(tree);
    return covered;
}

bool cover_files(int null, BuildReport& report) noexcept {
    const char* first = nullptr;  // the others are binds of it, one call each
    for (const char* file : kMasked) {
        const bool covered = first == nullptr
                                 ? cover(null, file)
                                 : ::mount(first, file, nullptr, MS_BIND, nullptr) == 0;
        if (covered) {
            first = first == nullptr ? file : first;
        } else if (errno != ENOENT) {  // not every kernel has every file
            return failed(report, "mask in procfs", file);
        }
    }
    return true;
}

bool make_read_only(BuildReport& report) noexcept {
    for (const char* directory : kReadOnly) {
        constexpr unsigned long kFlags =
            MS_BIND | MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
        const bool bound = ::mount(directory, directory, nullptr, MS_BIND, nullptr) == 0;
        if (!bound && errno == ENOENT) {
            continue;
        }
        if (!bound || ::mount(nullptr, directory, nullptr, kFlags, nullptr) != 0) {
            return failed(report, "make read-only in procfs", directory);
        }
    }
    return true;
}

}  // namespace

bool make_processes(int null, BuildReport& report) noexcept {
    if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0
        || ::chdir("/proc") != 0) {
        return failed(report, "make the procfs of the jail");
    }
    return cover_files(null, report) && make_read_only(report);
}

}  // namespace brig::host_linux
