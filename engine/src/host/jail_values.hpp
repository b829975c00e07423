// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What jail_set(2) asks of the values of one call, whatever jails there are. Pure.
namespace brig {

enum class JailOperation {
    create,
    update,
    create_or_update,
};

/// The one value of the scalar `name`, or `otherwise` when it is not set.
[[nodiscard]] std::string jail_value(const ParamList& params,
                                     std::string_view name,
                                     const std::string& otherwise);

/// The same as a number; one that cannot be read is 0, as for strtol(3).
[[nodiscard]] long long jail_number(const ParamList& params,
                                    std::string_view name,
                                    long long otherwise);

/// The addresses of `name` (ip4.addr or ip6.addr) without interface and prefix, in the kernel's
/// order: the first one is the jail's primary address and stays the first, the others are sorted.
[[nodiscard]] std::vector<std::string> jail_addresses(const ParamList& params,
                                                      std::string_view name);

/// @throws Error with the kernel's errno and text for the first value that it would refuse.
void check_jail_values(JailOperation operation, const ParamList& params);

}  // namespace brig
