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

struct OwnedNamespaces {
    const PlanFlags* flags = nullptr;
    int hostname = -1;
    int network = -1;
    int error = 0;
};

int open_owned_namespaces(void* argument) {
    auto& owned = *static_cast<OwnedNamespaces*>(argument);
    if (owned.flags->root_owned_hostname != 0) {
        owned.hostname = ::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
        owned.error = owned.hostname < 0 ? errno : owned.error;
    }
    if (owned.flags->root_owned_network != 0) {
        owned.network = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        owned.error = owned.network < 0 ? errno : owned.error;
    }
    ::_exit(0);
}

/// Makes the namespaces in a helper that shares our memory and descriptors, and is gone when this
/// returns.
int make_owned_namespaces(OwnedNamespaces& owned) noexcept {
    constexpr std::size_t kStackSize = 16384;
    alignas(16) char stack[kStackSize];
    int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWUSER | SIGCHLD;
    flags |= owned.flags->root_owned_hostname != 0 ? CLONE_NEWUTS : 0;
    flags |= owned.flags->root_owned_network != 0 ? CLONE_NEWNET : 0;
    const pid_t helper = ::clone(open_owned_namespaces, stack + kStackSize, flags, &owned);
    if (helper < 0) {
        return errno;
    }
    ::waitpid(helper, nullptr, 0);
    return owned.error;
}

bool enter(int fd, int type) noexcept {
    if (fd < 0) {
        return true;
    }
    const bool entered = ::setns(fd, type) == 0;
    ::close(fd);
    return entered;
}

/// sethostname(2) in a jail needs CAP_SYS_ADMIN over the UTS namespace, and a vnet CAP_NET_ADMIN
/// over the network namespace; but as capabilities of the host's user namespace both would reach
/// far beyond. So these two namespaces belong to a user namespace of their own that nobody is in.
/// A process whose effective user made a user namespace and which is in the parent of it has all
/// capabilities over it (user_namespaces(7), "Capabilities"): that is the jail's root, and nothing
/// but the host's name and the network of this jail hangs on it.
bool enter_owned_namespaces(const PlanFlags& flags, BuildReport& report) noexcept {
    if (flags.root_owned_hostname == 0 && flags.root_owned_network == 0) {
        return true;
    }
    OwnedNamespaces owned{&flags};
    errno = make_owned_namespaces(owned);
    if (errno != 0) {
        return failed(report, "make the user namespace that owns the jail's host name and network");
    }
    if (!enter(owned.hostname, CLONE_NEWUTS)) {
        return failed(report, "enter the jail's UTS namespace");
    }
    if (!enter(owned.network, CLONE_NEWNET)) {
        return failed(report, "enter the jail's network namespace");
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

bool set_up_namespaces(const JailPlan& plan, BuildReport& report) noexcept {
    if (!enter_owned_namespaces(plan.flags, report)) {
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
