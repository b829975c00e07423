// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/findings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A TOML document as plain values. It keeps the parser, which is slow to compile, in one
/// translation unit, and keeps the order in which things were written.
namespace brig {

struct TomlMember;
struct TomlValue;
using TomlArray = std::vector<TomlValue>;
using TomlTable = std::vector<TomlMember>;

/// A fraction, a date or a time: TOML has them, brig has no use for them.
struct TomlOther {
    std::string type;  ///< "a date"
};

struct TomlValue {
    std::variant<bool, std::int64_t, std::string, TomlArray, TomlTable, TomlOther> data;
    std::string where;  ///< "brig.toml:12:3"
};

struct TomlMember {
    std::string key;
    std::string where;  ///< of the key
    TomlValue value;
};

/// Reads `text`; `name` stands for the file in messages. What is not TOML, not UTF-8, or holds a
/// NUL becomes a finding, and there is no table then.
[[nodiscard]] std::optional<TomlTable> parse_toml(std::string_view text,
                                                  const std::string& name,
                                                  Findings& findings);

/// What `value` is, for messages: "a string", "a table".
[[nodiscard]] std::string type_name(const TomlValue& value);

/// `text`, which must be UTF-8, as a basic string of TOML with its quotes.
[[nodiscard]] std::string quote_toml(std::string_view text);

}  // namespace brig
