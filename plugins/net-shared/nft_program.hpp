// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace brig::net {

/// Exit statuses of brig-nft. Those of nft(8) do not tell a wrong rule from a missing privilege.
enum class NftStatus {
    done = 0,
    refused = 1,
    no_netlink = 3,  ///< the library itself ends the process with it
    not_found = 10,  ///< a table, a chain, a handle, or the kernel's module for an expression
    not_permitted = 11,
    unsupported = 12,
};

}  // namespace brig::net
