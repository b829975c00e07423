// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>

/// What a jail's system calls are denied beyond what every jail's are (see seccomp/generate.cpp,
/// which turns each into a filter).
namespace brig::host_linux {

enum Restriction : std::uint32_t {
    no_inet = 1U << 0U,      ///< ip4=disable beside ip6=inherit
    no_inet6 = 1U << 1U,     ///< ip6=disable beside ip4=inherit
    no_sysvmsg = 1U << 2U,   ///< sysvmsg=disable
    no_sysvsem = 1U << 3U,   ///< sysvsem=disable
    no_sysvshm = 1U << 4U,   ///< sysvshm=disable
    no_raw_inet = 1U << 5U,  ///< allow.noraw_sockets
    no_packet = 1U << 6U,    ///< AF_PACKET sees all frames of a stack: only in a vnet jail
    no_other_af = 1U << 7U,  ///< allow.nosocket_af
    no_msgbuf = 1U << 8U,    ///< allow.noread_msgbuf
    no_settime = 1U << 9U,   ///< allow.nosettime
    no_mount = 1U << 10U,    ///< nothing of allow.mount
    no_chflags = 1U << 11U,  ///< allow.nochflags
    restriction_end = 1U << 12U,
};

/// What a jail is denied unless its parameters ask for more. Has a filter of its own together with
/// the rules of every jail, since each filter costs time at every start and system call.
inline constexpr std::uint32_t kUsualRestrictions =
    no_sysvmsg | no_sysvsem | no_sysvshm | no_raw_inet | no_packet | no_other_af | no_msgbuf
    | no_settime | no_mount | no_chflags;

/// A third argument of umount2(2), which takes two: the call is init's own, and is not asked about.
/// No secret: what the kernel asks of the caller, CAP_SYS_ADMIN, nobody else in a jail has.
inline constexpr std::uint32_t kOwnUnmount = 0x62726967;

}  // namespace brig::host_linux
