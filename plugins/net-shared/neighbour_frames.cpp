// SPDX-License-Identifier: BSD-2-Clause
#include "neighbour_frames.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>

namespace brig::net {

namespace {

constexpr std::size_t kEthernetSize = 14;
constexpr std::size_t kArpSize = 28;
constexpr std::size_t kIp6Size = 40;
constexpr std::size_t kNeighbourSize = 24;  ///< of a solicitation or an advertisement
constexpr std::uint8_t kIcmp6 = 58;
constexpr std::uint8_t kSolicitation = 135;
constexpr std::uint8_t kAdvertisement = 136;
constexpr std::uint8_t kOnThisLink = 255;  ///< the hop limit of what no router has passed on

void append(Frame& frame, std::initializer_list<std::uint8_t> bytes) {
    frame.insert(frame.end(), bytes);
}

template <typename Bytes>
void append(Frame& frame, const Bytes& bytes, std::size_t count) {
    frame.insert(frame.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
}

Frame arp_probe(const MacAddress& from, const IpAddress& address) {
    constexpr MacAddress kEverybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    Frame frame;
    append(frame, kEverybody, kEverybody.size());
    append(frame, from, from.size());
    append(frame, {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1});  // a request, Ethernet and IPv4
    append(frame, from, from.size());
    append(frame, {0, 0, 0, 0});  // from nobody
    append(frame, {0, 0, 0, 0, 0, 0});
    append(frame, address.bytes, address.size());
    return frame;
}

/// The Internet checksum (RFC 1071) over the pseudo header and what follows the IPv6 header.
std::uint16_t checksum(const Frame& frame) {
    constexpr std::size_t kAddresses = kEthernetSize + 8;
    std::uint32_t sum = kIcmp6 + static_cast<std::uint32_t>(kNeighbourSize);
    for (std::size_t i = kAddresses; i + 1 < frame.size(); i += 2) {
        sum += static_cast<std::uint32_t>(frame[i] << 8U) + frame[i + 1];
    }
    while (sum > 0xffffU) {
        sum = (sum & 0xffffU) + (sum >> 16U);
    }
    return static_cast<std::uint16_t>(~sum);
}

Frame neighbour_probe(const MacAddress& from, const IpAddress& address) {
    constexpr std::size_t kChecksum = kEthernetSize + kIp6Size + 2;
    const std::uint8_t a = address.bytes[13];
    const std::uint8_t b = address.bytes[14];
    const std::uint8_t c = address.bytes[15];
    Frame frame;
    append(frame, {0x33, 0x33, 0xff, a, b, c});
    append(frame, from, from.size());
    append(frame, {0x86, 0xdd, 0x60, 0, 0, 0, 0, kNeighbourSize, kIcmp6, kOnThisLink});
    append(frame, IpAddress{true, {}}.bytes, 16);  // from nobody
    append(frame, {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c});
    append(frame, {kSolicitation, 0, 0, 0, 0, 0, 0, 0});
    append(frame, address.bytes, address.size());
    const std::uint16_t sum = checksum(frame);
    frame[kChecksum] = static_cast<std::uint8_t>(sum >> 8U);
    frame[kChecksum + 1] = static_cast<std::uint8_t>(sum);
    return frame;
}

bool is_at(const Frame& frame, std::size_t offset, const std::uint8_t* bytes, std::size_t count) {
    return frame.size() >= offset + count && std::memcmp(&frame[offset], bytes, count) == 0;
}

MacAddress sender_of(const Frame& frame) {
    MacAddress mac{};
    std::copy_n(frame.begin() + 6, mac.size(), mac.begin());
    return mac;
}

bool says_arp(const Frame& frame, const IpAddress& address) {
    constexpr std::uint8_t kProtocol[] = {0x08, 0x06};
    constexpr std::size_t kSenderIp = kEthernetSize + 14;
    return frame.size() >= kEthernetSize + kArpSize && is_at(frame, 12, kProtocol, 2)
           && is_at(frame, kSenderIp, address.bytes.data(), address.size());
}

bool says_neighbour(const Frame& frame, const IpAddress& address) {
    constexpr std::uint8_t kProtocol[] = {0x86, 0xdd};
    constexpr std::size_t kMessage = kEthernetSize + kIp6Size;
    return frame.size() >= kMessage + kNeighbourSize && is_at(frame, 12, kProtocol, 2)
           && frame[kEthernetSize + 6] == kIcmp6 && frame[kEthernetSize + 7] == kOnThisLink
           && frame[kMessage] == kAdvertisement
           && is_at(frame, kMessage + 8, address.bytes.data(), address.size());
}

}  // namespace

Frame make_probe(const MacAddress& from, const IpAddress& address) {
    return address.is_ip6 ? neighbour_probe(from, address) : arp_probe(from, address);
}

std::optional<MacAddress> answered_by(const Frame& frame, const IpAddress& address) {
    const bool says_so = address.is_ip6 ? says_neighbour(frame, address) : says_arp(frame, address);
    return says_so ? std::optional{sender_of(frame)} : std::nullopt;
}

}  // namespace brig::net
