// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// One element of ip4.addr or ip6.addr as jail(8) writes it: `[INTERFACE|]ADDRESS[/PREFIX]`. The
/// kernel takes the address alone; whoever makes the alias wants the rest.
struct AddressValue {
    std::string interface;  ///< empty: none
    std::string address;    ///< canonical
    std::string prefix;     ///< a length, for IPv4 a netmask too; empty: none

    [[nodiscard]] std::string to_string() const;
};

/// What an interface may be called: at most 15 letters, digits, "_", "." and "-", the last not
/// first.
[[nodiscard]] bool is_interface_name(std::string_view name);

/// Reads an element of a list of `type` (ip4_list or ip6_list); nothing when it is malformed.
[[nodiscard]] std::optional<AddressValue> parse_address_value(std::string_view text,
                                                              ParamType type);

}  // namespace brig
