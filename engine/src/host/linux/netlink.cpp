// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/netlink.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace brig::host_linux {

namespace {

/// Takes the thread to a network namespace, and back.
class Visit {
  public:
    explicit Visit(int network_namespace)
        : home_{check(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
                      "open the network namespace of brig")} {
        check(::setns(network_namespace, CLONE_NEWNET), "enter the network namespace of a jail");
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    Visit(Visit&&) = delete;
    Visit& operator=(Visit&&) = delete;
    // It was ours a moment ago, and we are still allowed to.
    ~Visit() { static_cast<void>(::setns(home_.get(), CLONE_NEWNET)); }

  private:
    UniqueFd home_;
};

}  // namespace

UniqueFd open_netlink() {
    return UniqueFd{check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
                          "open a socket to rtnetlink")};
}

UniqueFd open_netlink_in(int network_namespace) {
    const Visit visit{network_namespace};
    return open_netlink();
}

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    add(&header, sizeof header);
}

void NetlinkRequest::add(const void* data, std::size_t size) {
    message_.append(static_cast<const char*>(data), size);
    message_.resize(NLMSG_ALIGN(message_.size()));
}

void NetlinkRequest::attribute(std::uint16_t type, const void* data, std::size_t size) {
    const nlattr header{static_cast<std::uint16_t>(NLA_HDRLEN + size), type};
    message_.append(reinterpret_cast<const char*>(&header), sizeof header);
    add(data, size);
}

int NetlinkRequest::send(int socket) {
    const auto size = static_cast<std::uint32_t>(message_.size());
    std::memcpy(message_.data() + offsetof(nlmsghdr, nlmsg_len), &size, sizeof size);
    check(::send(socket, message_.data(), message_.size(), 0), "send to rtnetlink");
    struct {
        nlmsghdr header;
        nlmsgerr error;
    } answer{};
    // What is beyond, the request itself, is cut off.
    ssize_t length = -1;
    do {
        length = ::recv(socket, &answer, sizeof answer, 0);
    } while (length < 0 && errno == EINTR);
    check(length, "receive from rtnetlink");
    if (length < static_cast<ssize_t>(sizeof answer) || answer.header.nlmsg_type != NLMSG_ERROR) {
        throw Error{ErrorCode::internal, "rtnetlink gives no acknowledgement"};
    }
    return -answer.error.error;
}

int interface_index(int socket, const std::string& name) {
    ifreq request{};
    if (name.size() >= sizeof request.ifr_name) {
        return 0;
    }
    std::memcpy(request.ifr_name, name.c_str(), name.size());
    // A netlink socket takes this ioctl as every socket does, and is in the right namespace.
    return ::ioctl(socket, SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
}

}  // namespace brig::host_linux
