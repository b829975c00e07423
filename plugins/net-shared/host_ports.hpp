// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace brig::net {

/// A port of the host.
struct HostPort {
    bool is_tcp = true;
    std::string address;  ///< "": any
    unsigned port = 0;
};

/// A program that listens there would not be reached any more.
/// @throws sdk::Error{BRIG_CONFLICT}
void require_unused_port(const HostPort& port);

}  // namespace brig::net
