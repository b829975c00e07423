// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "pool.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Options that several network drivers have, and what they mean.
namespace brig::net {

namespace option {

inline constexpr sdk::Option kSubnet{.name = "subnet",
                                     .type = BRIG_T_CIDR,
                                     .help = "The IPv4 network that containers get addresses of.",
                                     .since = "1.0.0"};
inline constexpr sdk::Option kSubnet6{.name = "subnet6",
                                      .type = BRIG_T_CIDR,
                                      .help = "The IPv6 network that containers get addresses of.",
                                      .since = "1.0.0"};
inline constexpr sdk::Option kRange{
    .name = "range",
    .help = "The part of 'subnet' that addresses are taken of: FIRST-LAST or a network.",
    .since = "1.0.0"};
inline constexpr sdk::Option kRange6{
    .name = "range6", .help = "The same of 'subnet6'.", .since = "1.0.0"};
inline constexpr sdk::Option kExclude{
    .name = "exclude",
    .type = BRIG_T_STR | BRIG_T_LIST,
    .help = "Addresses, ranges and networks that no container gets.",
    .since = "1.0.0"};
inline constexpr sdk::Option kProbe{
    .name = "probe",
    .type = BRIG_T_BOOL,
    .def = "true",
    .help = "Where others are on the wire, too: they are asked whether one has the address.",
    .since = "1.0.0"};
inline constexpr sdk::Option kIp{.name = "ip",
                                 .type = BRIG_T_IP4,
                                 .flags = BRIG_OPT_PER_CONTAINER,
                                 .help = "The container's IPv4 address.",
                                 .since = "1.0.0"};
inline constexpr sdk::Option kIp6{.name = "ip6",
                                  .type = BRIG_T_IP6,
                                  .flags = BRIG_OPT_PER_CONTAINER,
                                  .help = "The container's IPv6 address.",
                                  .since = "1.0.0"};
inline constexpr sdk::Option kPublish{
    .name = "publish",
    .type = BRIG_T_STR | BRIG_T_LIST,
    .flags = BRIG_OPT_PER_CONTAINER,
    .help = "Ports of the host that lead to it: [IFACE:|ADDR:]HOST:CONT[/tcp|udp].",
    .since = "1.0.0"};

}  // namespace option

/// What of a driver's options a pool of that family is made of; without a subnet there is none, and
/// nothing else of it may be set.
/// @throws sdk::Error{BRIG_INVALID}
[[nodiscard]] PoolOptions pool_options(const sdk::Options& options, bool is_ip6);

/// Refuses option `name` of a family that has no subnet.
/// @throws sdk::Error{BRIG_INVALID}
void require_absent(const sdk::Options& options, const std::string& name, bool is_ip6);

/// What has the host's address when it leaves: the option `nat`.
struct Nat {
    bool on = false;
    std::string interface;  ///< only what leaves through this one; empty: any
};

/// @throws sdk::Error{BRIG_INVALID}
[[nodiscard]] Nat read_nat(const sdk::Options& options);

/// The longest name of an interface, on both systems.
inline constexpr std::size_t kLongestInterface = 15;

/// @throws sdk::Error{BRIG_INVALID} unless `name` can be that of an interface
void require_interface_name(const std::string& option, const std::string& name);

/// How the interfaces of networks on the host's own stack are called (Linux): what is published on
/// all addresses of the host is not published on theirs.
inline constexpr std::string_view kHostStackPrefix = "brlo";

/// How the tags of this engine begin: "brig:ENGINE:".
[[nodiscard]] std::string tag_prefix(const sdk::Call& call);

/// What the kernel knows a network's own things by: the engine's, and the network's name.
[[nodiscard]] std::string network_key(const sdk::Call& call, const std::string& network);

}  // namespace brig::net
