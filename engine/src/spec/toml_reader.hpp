// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"
#include "spec/toml.hpp"
#include "support/findings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// A string of the configuration, and where it was written.
struct WrittenText {
    std::string text;
    std::string where;
};

/// One member of a document, with the names of the tables around it: "engine.state".
struct TomlEntry {
    std::string name;
    const TomlMember& member;
};

/// What the readers of configuration files share: they take what is of the right type out of a
/// document, and make findings of everything else.
class TomlReader {
  public:
    explicit TomlReader(Findings& findings) : findings_{findings} {}

  protected:
    [[nodiscard]] Findings& findings() noexcept { return findings_; }

    /// The table that `entry` is, or none.
    const TomlTable* table(const TomlEntry& entry);
    const TomlTable& members(const TomlEntry& entry);

    /// A string; that it is empty is a finding too.
    std::optional<WrittenText> text(const TomlEntry& entry);

    /// A string that may be empty.
    std::optional<WrittenText> any_text(const TomlEntry& entry);

    /// A list of strings.
    std::vector<WrittenText> texts(const TomlEntry& entry);

    /// A list of strings that may be empty.
    std::vector<WrittenText> any_texts(const TomlEntry& entry);

    /// A table of jail parameters, where a dotted name may be a table in a table.
    std::vector<DefaultParam> params(const TomlEntry& entry);

    void wrong_type(const TomlEntry& entry, std::string_view wanted, std::string hint = "");
    void unknown_key(const TomlEntry& entry, const std::vector<std::string>& known);

  private:
    using ReadText = std::optional<WrittenText> (TomlReader::*)(const TomlEntry& entry);

    std::vector<WrittenText> list(const TomlEntry& entry, ReadText read);
    void add_params(const TomlEntry& entry,
                    const std::string& prefix,
                    const TomlTable& table,
                    std::vector<DefaultParam>& params);
    /// `beginning`: of the text of each, "NAME=".
    void add_param(const TomlEntry& entry,
                   const std::string& beginning,
                   std::vector<DefaultParam>& params);

    Findings& findings_;
};

/// The text of a boolean, number or string as it follows `name=`.
[[nodiscard]] std::optional<std::string> scalar_text(const TomlValue& value);

}  // namespace brig
