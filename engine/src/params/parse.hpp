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

/// The normalised values of `assignment` for a parameter of type `info`, or nothing with a
/// finding that keeps libjail's wording (`persist: unknown boolean value "maybe"`).
[[nodiscard]] std::optional<std::vector<std::string>> parse_values(const Assignment& assignment,
                                                                   const ParamInfo& info,
                                                                   Findings& findings);

/// The parameter as one word of a jail(8) command line: `allow.noraw_sockets`, `ip4=inherit`,
/// `exec.clean=true`, unquoted. Lists give one word each value for commands and mounts, and a
/// comma list for addresses. Reading the words back gives the same parameter.
[[nodiscard]] std::vector<std::string> format_words(const Param& param);

}  // namespace brig
