// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ip.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

/// How machines on an Ethernet are asked whether they have an address, and answer: ARP (RFC 826,
/// RFC 5227) and neighbour discovery (RFC 4861, RFC 4862). Pure.
namespace brig::net {

using Frame = std::vector<std::uint8_t>;

/// Asks who has `address`, without saying that the asking one wants it: nobody takes a note.
[[nodiscard]] Frame make_probe(const MacAddress& from, const IpAddress& address);

/// Who says in `frame` to have `address`.
[[nodiscard]] std::optional<MacAddress> answered_by(const Frame& frame, const IpAddress& address);

/// The group that IPv6's answers go to.
inline constexpr MacAddress kAllNodes{0x33, 0x33, 0, 0, 0, 1};

/// One instruction of the packet filter that both systems have (bpf(4), socket(7)).
struct FilterLine {
    std::uint16_t code;
    std::uint8_t if_true;
    std::uint8_t if_false;
    std::uint32_t number;
};

/// Lets through what may be an answer, so that a busy wire does not drown it.
inline constexpr std::array<FilterLine, 9> kAnswersOnly{{
    {0x28, 0, 0, 12},      // half-word at 12: the protocol
    {0x15, 5, 0, 0x0806},  // ARP: to the end, all of it
    {0x15, 0, 5, 0x86dd},  // IPv6, or nothing
    {0x30, 0, 0, 20},      // byte at 20: what is in it
    {0x15, 0, 3, 58},      // ICMPv6, or nothing
    {0x30, 0, 0, 54},      // byte at 54: of which type
    {0x15, 0, 1, 136},     // a neighbour's advertisement, or nothing
    {0x06, 0, 0, 0xffffffffU},
    {0x06, 0, 0, 0},
}};

}  // namespace brig::net
