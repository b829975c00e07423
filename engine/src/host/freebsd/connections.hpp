// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <vector>

namespace brig::freebsd {

/// Ends the TCP connections that processes of the jail `id` have left to the kernel. It keeps such
/// a one for up to a minute (TIME_WAIT, FIN_WAIT_2), and with it the jail, the jail's stack and its
/// root, which cannot be unmounted so long. On the host's stack a connection that has something
/// left to send may do so for two seconds. A connection that some process has open stays.
///
/// @param family `id` and the jails within it, see family_of()
/// @pre the jail is not dying: nobody could enter it
void end_connections(int id, const std::vector<int>& family);

}  // namespace brig::freebsd
