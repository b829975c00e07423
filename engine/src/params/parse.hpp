// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "params/catalogue.hpp"
#include "support/findings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// Reads one spelling of one assignment: `name`, `noname` on the last component, `name=value`
/// (verbatim after the first `=`), `name=`. Unknown and misspelt names, and blanks around a name,
/// become findings with the nearest known name.
[[nodiscard]] std::optional<Assignment> parse_assignment(std::string_view text,
                                                         const Origin& origin,
                                                         const Catalogue& catalogue,
                                                         Findings& findings);

/// libjail's "unknown parameter: X" with the nearest name that the catalogue knows.
[[nodiscard]] Finding unknown_parameter(const Assignment& assignment, const Catalogue& catalogue);

/// The normalised values of `assignment` for a parameter that `rule` is for: none when it clears
/// the parameter (a bare or empty list, `exec.noconsolelog`), one for scalars, any number for
/// lists. Nothing, with a finding that keeps libjail's wording (`persist: unknown boolean value
/// "maybe"`), when the value is wrong.
[[nodiscard]] std::optional<std::vector<std::string>> parse_values(const Assignment& assignment,
                                                                   const ParamRule& rule,
                                                                   Findings& findings);

/// The parameter as words of a jail(8) command line, unquoted: booleans as `allow.raw_sockets` or
/// `allow.noraw_sockets`, scalars as `ip4=inherit`, addresses as one comma list, other lists as one
/// word a value, and `command` with its arguments, which jail(8) wants last. Reading the words back
/// gives the same parameter.
[[nodiscard]] std::vector<std::string> format_words(const Param& param);

}  // namespace brig
