// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/command.hpp"
#include "host/linux/init/build_jail.hpp"
#include "host/linux/restrictions.hpp"
#include "seccomp_programs.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace brig::host_linux {

namespace {

/// The kernel's own, of a version that <linux/landlock.h> of the build machine may not know.
struct LandlockRuleset {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;
    std::uint64_t scoped = 0;
};

constexpr std::uint64_t kLandlockScopeAbstractUnixSocket = 1;
constexpr long kLandlockCreateRuleset = 444;
constexpr long kLandlockRestrictSelf = 446;

/// A jail on the host's network stack would also reach the abstract Unix sockets of the host, for
/// they belong to the network namespace. Landlock can stop that from Linux 6.12 on; before it the
/// jail goes without (docs/security.md).
bool hide_abstract_sockets() noexcept {
    const LandlockRuleset ruleset{.scoped = kLandlockScopeAbstractUnixSocket};
    const int fd =
        static_cast<int>(::syscall(kLandlockCreateRuleset, &ruleset, sizeof(ruleset), 0));
    if (fd < 0) {
        return true;
    }
    const bool restricted = ::syscall(kLandlockRestrictSelf, fd, 0) == 0;
    ::close(fd);
    return restricted;
}

/// What is not in the bounding set cannot be gained by execve(2), not even through a set-uid
/// program. Init itself keeps what it has: nothing in the jail can get at it.
bool reduce_bounding_set(std::uint64_t mask) noexcept {
    for (unsigned capability = 0; capability < 64; ++capability) {
        if (((mask >> capability) & 1U) != 0) {
            continue;
        }
        if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
            return errno == EINVAL && capability > 0;  // past the last one this kernel knows
        }
    }
    return true;
}

/// @return -1 with errno, or 0, or the descriptor that `flags` ask for.
long install(const SeccompProgram& program, unsigned flags = 0) noexcept {
    const sock_fprog code{program.size, const_cast<sock_filter*>(program.code)};  // only read
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &code);
}

/// Init is the first to obey, and whoever it starts inherits. Being privileged it needs no
/// PR_SET_NO_NEW_PRIVS, so that set-uid programs work in the jail.
bool install_filters(std::uint32_t restrictions) noexcept {
    const bool usual = (restrictions & kUsualRestrictions) == kUsualRestrictions;
    if (install(usual ? kUsualProgram : kBaseProgram) != 0) {
        return false;
    }
    std::uint32_t rest = usual ? restrictions & ~kUsualRestrictions : restrictions;
    // NOLINTNEXTLINE(readability-use-anyofallof): each installs something
    for (const RestrictionProgram& entry : kRestrictionPrograms) {
        if ((rest & entry.restriction) != 0 && install(entry.program) != 0) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool restrict_privileges(JailPlan& plan, BuildReport& report) noexcept {
    const PlanFlags& flags = plan.flags;
    if (!reduce_bounding_set(flags.capabilities)) {
        return failed(report, "reduce the capabilities of the jail");
    }
    if (flags.shared_network != 0 && !hide_abstract_sockets()) {
        return failed(report, "hide the host's abstract sockets");
    }
    if (!install_filters(flags.restrictions)) {
        return failed(report, "install the system call filter");
    }
    if (flags.may_mount != 0) {
        plan.mount_requests =
            static_cast<int>(install(kMountRequests, SECCOMP_FILTER_FLAG_NEW_LISTENER));
        return plan.mount_requests >= 0 || failed(report, "watch the mounts of the jail");
    }
    return true;
}

}  // namespace brig::host_linux
