// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/build_jail.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, with sigaction(2)
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace brig::host_linux {

namespace {

/// A namespace that a user namespace of its own owns.
struct OwnedNamespace {
    const char* link = nullptr;  ///< its name in /proc/self/ns
    int fd = -1;
};

int open_owned_namespace(void* argument) {
    auto& owned = *static_cast<OwnedNamespace*>(argument);
    owned.fd = ::open(owned.link, O_RDONLY | O_CLOEXEC);
    ::_exit(0);
}

/// Makes the namespace in a helper that shares our memory and descriptors, and is gone when this
/// returns. @return -1 with errno when it cannot be made.
///
/// sethostname(2) in a jail needs CAP_SYS_ADMIN over the UTS namespace, and a vnet CAP_NET_ADMIN
/// over the network namespace; but as capabilities of the host's user namespace both would reach
/// far beyond. So these two namespaces belong to user namespaces that nobody is in. A process whose
/// effective user made a user namespace and which is in the parent of it has all capabilities over
/// it (user_namespaces(7), "Capabilities"): that is the jail's root, and nothing but the host's
/// name and the network of this jail hangs on it.
int make_owned_namespace(const char* link, int type) noexcept {
    constexpr std::size_t kStackSize = 16384;
    alignas(16) char stack[kStackSize];
    OwnedNamespace owned{link};
    constexpr int kFlags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWUSER | SIGCHLD;
    const pid_t helper = ::clone(open_owned_namespace, stack + kStackSize, kFlags | type, &owned);
    if (helper > 0) {
        ::waitpid(helper, nullptr, 0);
    }
    return owned.fd;
}

bool enter(int fd, int type) noexcept {
    if (fd < 0 || ::setns(fd, type) != 0) {
        return false;
    }
    ::close(fd);
    return true;
}

bool enter_owned_namespaces(const PlanFlags& flags, int hostname, BuildReport& report) noexcept {
    if (flags.root_owned_hostname != 0) {
        // What could not be prepared fails again here, and is reported.
        const int fd = hostname >= 0 ? hostname : make_hostname_namespace();
        if (!enter(fd, CLONE_NEWUTS)) {
            return failed(report, "make the user namespace that owns the jail's host name");
        }
    }
    if (flags.root_owned_network != 0
        && !enter(make_owned_namespace("/proc/self/ns/net", CLONE_NEWNET), CLONE_NEWNET)) {
        return failed(report, "make the user namespace that owns the jail's network");
    }
    return true;
}

/// The kernel adds 127.0.0.1 and ::1 by itself.
bool bring_loopback_up() noexcept {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return false;
    }
    ifreq request = {};
    std::memcpy(request.ifr_name, "lo", 3);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    return up;
}

}  // namespace

int make_hostname_namespace() noexcept {
    return make_owned_namespace("/proc/self/ns/uts", CLONE_NEWUTS);
}

bool set_up_namespaces(const JailPlan& plan, const JailParts& parts, BuildReport& report) noexcept {
    if (::unshare(static_cast<int>(plan.flags.namespaces)) != 0) {
        return failed(report, kMakeNamespaces);
    }
    if (!enter_owned_namespaces(plan.flags, parts.hostname, report)) {
        return false;
    }
    if (plan.flags.private_hostname != 0) {
        // Also when they are empty: a new namespace begins with the host's own.
        if (::sethostname(plan.hostname, std::strlen(plan.hostname)) != 0) {
            return failed(report, "set host.hostname to", plan.hostname);
        }
        if (::setdomainname(plan.domainname, std::strlen(plan.domainname)) != 0) {
            return failed(report, "set host.domainname to", plan.domainname);
        }
    }
    if (plan.flags.loopback != 0 && !bring_loopback_up()) {
        return failed(report, "bring up the jail's loopback interface");
    }
    return true;
}

}  // namespace brig::host_linux
