// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ip.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// The words that rules of a firewall are made of. Whatever comes from outside (names of
/// interfaces, addresses, tags) gets into a rule through one of these functions only: each gives a
/// text that cannot end its word, or throws.
namespace brig::net {

/// A tag has to fit into the comment of a rule together with a hash: nft(8) takes 127 bytes.
constexpr std::size_t kLongestOwnerTag = 110;

/// Letters, digits and ".-_:@+": what kernels and people name interfaces. Neither blanks, quotes
/// nor the '*' that nft(8) takes for a pattern; at most 15 bytes, which is what both kernels allow;
/// at least one letter, so that it is no number.
[[nodiscard]] bool is_interface_name(std::string_view name) noexcept;

/// `name` in quotes. @throws Error{BRIG_INVALID}
[[nodiscard]] std::string quoted_interface(std::string_view name);

/// As the kernel would write it, of that family. @throws Error{BRIG_INVALID}
[[nodiscard]] IpAddress required_address(std::string_view text);

/// "10.77.0.0/24" with the bits beyond the prefix cleared. @throws Error{BRIG_INVALID}
[[nodiscard]] std::string required_subnet(std::string_view text, bool is_ip6);

/// `tag` as it is: letters, digits and ".-_:@+/=,", with "brig:" in front.
/// @throws Error{BRIG_INVALID}
const std::string& required_tag(const std::string& tag);

/// Eight letters or digits that follow from `text`.
[[nodiscard]] std::string short_hash(std::string_view text);

/// Sixteen of them, for names that must not meet.
[[nodiscard]] std::string long_hash(std::string_view text);

/// For messages: bytes that are no printable ASCII become '?'.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace brig::net
