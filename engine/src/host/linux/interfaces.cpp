// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/host_linux.hpp"
#include "host/linux/netlink.hpp"
#include "host/present_address.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <linux/rtnetlink.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

namespace brig::host_linux {

namespace {

Error no_interface(const std::string& name) {
    return Error{ErrorCode::not_found, fmt::format("no interface '{}' on the host", name)};
}

NetlinkRequest address_request(std::uint16_t type,
                               std::uint16_t flags,
                               int interface,
                               const InterfaceAddress& address) {
    ifaddrmsg body{};
    body.ifa_family = address.address.is_ip6 ? AF_INET6 : AF_INET;
    body.ifa_prefixlen = static_cast<unsigned char>(address.prefix);
    body.ifa_index = static_cast<unsigned>(interface);
    // Duplicates are looked for by nobody: the jail is to use it at once.
    body.ifa_flags = address.address.is_ip6 ? IFA_F_NODAD : 0;
    NetlinkRequest request{type, flags};
    request.body(body);
    request.attribute(IFA_LOCAL, address.address.bytes.data(), address.address.size());
    request.attribute(IFA_ADDRESS, address.address.bytes.data(), address.address.size());
    return request;
}

/// Where the network namespace of a jail is kept while it has an interface of the host: it, and so
/// the interface, outlives the jail until the interface has been brought back.
std::filesystem::path kept_namespace(const std::filesystem::path& folder,
                                     const std::string& interface) {
    return folder / ("vnet-" + interface);
}

void keep_namespace(const Jail& jail, const std::filesystem::path& file) {
    const std::string source = fmt::format("/proc/{}/ns/net", static_cast<int>(jail.id));
    const UniqueFd point{check(
        ::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, S_IRUSR), "make '{}'", file.native())};
    check(::mount(source.c_str(), file.c_str(), nullptr, MS_BIND, nullptr),
          "keep the network namespace of jail '{}'",
          jail.name);
}

bool is_namespace(int fd) {
    struct statfs status {};
    return ::fstatfs(fd, &status) == 0 && status.f_type == NSFS_MAGIC;
}

/// Moves the interface that `socket` sees to the namespace `target`. An errno, or 0.
int move_interface(int socket, int interface, int target) {
    ifinfomsg body{};
    body.ifi_index = interface;
    NetlinkRequest request{RTM_NEWLINK, 0};
    request.body(body);
    request.attribute(IFLA_NET_NS_FD, &target, sizeof target);
    return request.send(socket);
}

}  // namespace

bool LinuxHost::add_address(const InterfaceAddress& address, const std::function<void()>& before) {
    const UniqueFd socket = open_netlink();
    const int interface = interface_index(socket.get(), address.interface);
    if (interface == 0) {
        throw no_interface(address.interface);
    }
    if (has_address(address)) {
        return false;
    }
    before();
    NetlinkRequest request =
        address_request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, interface, address);
    if (const int error = request.send(socket.get()); error != 0) {
        throw_system_error(error, "rtnetlink");
    }
    return true;
}

void LinuxHost::remove_address(const InterfaceAddress& address) {
    const UniqueFd socket = open_netlink();
    const int interface = interface_index(socket.get(), address.interface);
    if (interface == 0) {
        return;
    }
    const int error = address_request(RTM_DELADDR, 0, interface, address).send(socket.get());
    if (error != 0 && error != EADDRNOTAVAIL && error != ENODEV) {
        throw_system_error(error, fmt::format("take its address from '{}'", address.interface));
    }
}

void LinuxHost::lend_interface(const Jail& jail, const std::string& interface) {
    const UniqueFd socket = open_netlink();
    const int index = interface_index(socket.get(), interface);
    if (index == 0) {
        throw no_interface(interface);
    }
    const std::filesystem::path file = kept_namespace(jail.folder, interface);
    keep_namespace(jail, file);
    const UniqueFd target{
        check(::open(file.c_str(), O_RDONLY | O_CLOEXEC), "open '{}'", file.native())};
    if (const int error = move_interface(socket.get(), index, target.get()); error != 0) {
        throw_system_error(error,
                           fmt::format("move interface '{}' to jail '{}'", interface, jail.name));
    }
}

void LinuxHost::return_interface(const std::string& /*name*/,
                                 const std::filesystem::path& folder,
                                 const std::string& interface) {
    const std::filesystem::path file = kept_namespace(folder, interface);
    const UniqueFd kept{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!kept) {
        return;
    }
    if (is_namespace(kept.get())) {
        const UniqueFd home{check(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
                                  "open the network namespace of brig")};
        const UniqueFd socket = open_netlink_in(kept.get());
        const int index = interface_index(socket.get(), interface);
        const int error = index == 0 ? 0 : move_interface(socket.get(), index, home.get());
        if (error != 0) {
            throw_system_error(error, fmt::format("bring back interface '{}'", interface));
        }
        check(::umount2(file.c_str(), MNT_DETACH), "unmount '{}'", file.native());
    }
    check(::unlink(file.c_str()), "remove '{}'", file.native());
}

void LinuxHost::lend_dataset(const Jail& /*jail*/, const std::string& dataset) {
    throw Error{ErrorCode::unsupported,
                fmt::format("dataset '{}': ZFS knows no jails of Linux", dataset)};
}

void LinuxHost::return_dataset(const std::string& /*name*/, const std::string& /*dataset*/) {}

}  // namespace brig::host_linux
