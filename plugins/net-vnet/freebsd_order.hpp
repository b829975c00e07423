// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace brig::net_vnet::os {

/// Whether an attachment is undone before its jail is. On FreeBSD an interface returns to the host
/// with its jail, under the name that it has inside: two of them could be called eth0 there. The
/// end on the host takes it along, while the jail lives. On Linux it dies with its stack.
#if defined(__FreeBSD__)
inline constexpr bool kDetachesFirst = true;
#else
inline constexpr bool kDetachesFirst = false;
#endif

}  // namespace brig::net_vnet::os
