// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig {

/// True when the interface has the address already, whatever the prefix; both systems tell it by
/// getifaddrs(3).
[[nodiscard]] bool has_address(const InterfaceAddress& address);

}  // namespace brig
