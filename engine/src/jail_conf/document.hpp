// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

/// jail.conf(5) as it is written: what the lexer makes words of, and the parser a document.
namespace brig::jail_conf {

/// What a file may ask of us. All of it is far beyond any file that is meant.
inline constexpr std::size_t kMaxFiles = 1024;  ///< with those included
inline constexpr std::size_t kMaxTotalSize = std::size_t{8} << 20U;
inline constexpr std::size_t kMaxIncludeDepth = 32;  ///< as in jail(8)
inline constexpr std::size_t kMaxSections = 4096;
inline constexpr std::size_t kMaxStatements = 65536;
inline constexpr std::size_t kMaxName = 255;  ///< of a jail: MAXHOSTNAMELEN - 1
inline constexpr std::size_t kMaxFindings = 100;
inline constexpr std::size_t kMaxApplied = 200'000;  ///< assignments, counted once a jail
inline constexpr std::size_t kMaxExpanded = std::size_t{16} << 20U;  ///< bytes of values, all jails
inline constexpr std::size_t kMaxValue = std::size_t{256} << 10U;    ///< bytes of one value
inline constexpr std::size_t kMaxValues = 200'000;                   ///< of all jails
inline constexpr std::size_t kMaxVariableDepth = 128;

/// A place in a file; lines and columns count from 1, columns in bytes.
struct Place {
    std::shared_ptr<const std::string> file;
    std::size_t line = 1;
    std::size_t column = 1;

    /// "jail.conf:12:5"
    [[nodiscard]] std::string to_string() const;
};

/// A part of a word: text, or the name of a variable that stands for some.
struct Piece {
    bool is_variable = false;
    std::string text;

    friend bool operator==(const Piece&, const Piece&) = default;
};

/// Adjacent tokens, quoted strings and variables make one word: `/jails/"$name"`.
struct Word {
    std::vector<Piece> pieces;
    Place place;

    /// The text of a word without variables.
    [[nodiscard]] bool is_text() const noexcept;
    [[nodiscard]] std::string text() const;
};

/// `name;`, `name = value, value;`, `name += value;`, `$variable = value;`
struct Statement {
    std::string name;
    bool is_variable = false;
    bool appends = false;
    std::vector<Word> values;
    Place place;
};

/// `name { … }`, or what stands outside of all sections, which is a section `*`. Sections within
/// one have its name and a dot before theirs.
struct Section {
    std::string name;
    Place place;
    std::vector<Statement> statements;
};

/// In the order of the file, which says what supersedes what.
struct Document {
    std::vector<Section> sections;
};

}  // namespace brig::jail_conf
