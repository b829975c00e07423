// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace brig {

/// Whether `text` is an IPv4 address in dotted-quad form, and nothing else.
[[nodiscard]] bool is_ip4_address(std::string_view text);

/// Whether `text` is an IPv6 address without a scope, and nothing else.
[[nodiscard]] bool is_ip6_address(std::string_view text);

/// The one spelling of an IPv6 address that RFC 5952 recommends: "0:0::01" is "::1".
/// Precondition: is_ip6_address(text).
[[nodiscard]] std::string canonical_ip6(std::string_view text);

}  // namespace brig
