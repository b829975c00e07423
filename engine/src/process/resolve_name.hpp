// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/ip_address.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace brig {

/// The addresses of a host name, in the resolver's order. See getaddrinfo(3).
///
/// The helper program brig-resolve in `libexec` asks, as nobody: a resolver loads modules of the
/// system and reads what strangers send, and brig is root and may be linked statically.
///
/// @throws Error{not_found} with what the resolver says; Error{system} when it does not answer.
[[nodiscard]] std::vector<IpAddress> resolve_name(const std::filesystem::path& libexec,
                                                  const std::string& name);

}  // namespace brig
