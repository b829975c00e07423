// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/linux/init/build_jail.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

/// What `allow.mount` means on Linux. mount(2) takes CAP_SYS_ADMIN, which is nearly all of root, so
/// no process of a jail has it. Its calls of mount(2) and umount2(2) come to init instead
/// (seccomp_unotify(2)), which performs those that the jail's parameters allow.
namespace brig::host_linux {

/// The mounts that the jail made, and may unmount, by their ids; what brig mounted stays. In memory
/// that init shares with the children that perform the requests, one after the other.
struct JailMounts {
    static constexpr std::size_t kMost = 1000;

    std::size_t count = 0;
    std::uint64_t ids[kMost] = {};
};

/// Takes the requests of a jail, each performed by a child of init: it may wait for a file system,
/// and has to enter the caller's root.
class MountRequests {
  public:
    MountRequests(const JailPlan& plan, int processes) noexcept;

    /// For poll(2): a request is there. -1 when none can come now.
    [[nodiscard]] int fd() const noexcept { return child_ == 0 ? listener_ : -1; }

    /// Begins to perform the request that is there.
    void serve() noexcept;

    /// Tells that a child of init has ended; the next request may come when it was ours.
    void ended(pid_t child) noexcept;

  private:
    int listener_;
    int processes_;  ///< a procfs of the jail
    std::uint32_t may_mount_;
    JailMounts* mounts_ = nullptr;
    pid_t child_ = 0;
    std::uint64_t request_ = 0;  ///< its id
};

}  // namespace brig::host_linux
