// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/ip_address.hpp"

#include <optional>
#include <string>
#include <vector>

struct sockaddr;

namespace brig {

/// The addresses of a host name, in the resolver's order. See getaddrinfo(3).
/// @throws Error{not_found} with what the resolver says.
[[nodiscard]] std::vector<IpAddress> resolve_name(const std::string& name);

/// The address in a sockaddr_in or sockaddr_in6; nothing for another family, or none.
[[nodiscard]] std::optional<IpAddress> ip_address_of(const sockaddr* socket_address);

}  // namespace brig
