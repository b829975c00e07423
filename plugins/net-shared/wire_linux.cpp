// SPDX-License-Identifier: BSD-2-Clause
#include "wire.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace brig::net {

namespace {

/// Before the socket is bound: nothing is received until then.
void filter_answers(int socket) {
    std::vector<sock_filter> lines;
    for (const FilterLine& line : kAnswersOnly) {
        lines.push_back({line.code, line.if_true, line.if_false, line.number});
    }
    const sock_fprog program{static_cast<unsigned short>(lines.size()), lines.data()};
    check(::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program),
          "filter packets");
}

void bind_to(int socket, int index, const std::string& interface) {
    packet_mreq group{};
    group.mr_ifindex = index;
    group.mr_type = PACKET_MR_MULTICAST;
    group.mr_alen = kAllNodes.size();
    std::copy(kAllNodes.begin(), kAllNodes.end(), std::begin(group.mr_address));
    check(::setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &group, sizeof group),
          "join a group on interface '",
          interface,
          "'");
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(ETH_P_ALL);
    place.sll_ifindex = index;
    check(::bind(socket, reinterpret_cast<const sockaddr*>(&place), sizeof place),
          "listen on interface '",
          interface,
          "'");
}

}  // namespace

std::optional<Wire> Wire::open(const std::string& interface) {
    UniqueFd socket{check(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "make a packet socket")};
    ifreq request{};
    std::strncpy(request.ifr_name, interface.c_str(), sizeof request.ifr_name - 1);
    check(::ioctl(socket.get(), SIOCGIFHWADDR, &request), "look at interface '", interface, "'");
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
        return std::nullopt;
    }
    MacAddress mac{};
    std::memcpy(mac.data(), request.ifr_hwaddr.sa_data, mac.size());
    filter_answers(socket.get());
    bind_to(socket.get(), static_cast<int>(::if_nametoindex(interface.c_str())), interface);
    return Wire{std::move(socket), mac};
}

void Wire::fill() {
    Frame frame(buffer_size_);
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const ssize_t length = ::recvfrom(socket_.get(),
                                      frame.data(),
                                      frame.size(),
                                      MSG_DONTWAIT,
                                      reinterpret_cast<sockaddr*>(&from),
                                      &size);
    if (length > 0 && from.sll_pkttype != PACKET_OUTGOING) {
        frame.resize(static_cast<std::size_t>(length));
        received_.push_back(std::move(frame));
    }
}

}  // namespace brig::net
