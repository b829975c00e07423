// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// Names and values, any bytes, as the ledger and the records of images keep them.
using Facts = std::map<std::string, std::string>;

/// `text` with the bytes that would disturb a line of fields ("%", tab, newline, "=") as %XX.
[[nodiscard]] std::string escape_field(std::string_view text);
[[nodiscard]] std::string unescape_field(std::string_view text);

/// "\tNAME=VALUE" for each fact: the end of a line of fields.
[[nodiscard]] std::string format_facts(const Facts& facts);

/// Adds the facts among `fields`, from `first` on.
void parse_facts(Facts& facts, const std::vector<std::string>& fields, std::size_t first);

}  // namespace brig
