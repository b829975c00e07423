// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace brig::test {

/// What a row expects: "ok", values, or an errno with its message.
struct RowOutcome {
    std::string first;  ///< "ok", "skip", "ENOENT", "exit", "signal", or the first NAME=VALUE
    std::string rest;   ///< the message, or the other words, as written

    [[nodiscard]] bool is_error() const { return first.size() > 1 && first[0] == 'E'; }
    [[nodiscard]] bool is_skip() const { return first == "skip"; }
    [[nodiscard]] std::string to_string() const {
        return rest.empty() ? first : first + " " + rest;
    }
};

/// Why a row does not hold on one kind of host, and what happens there instead.
struct RowMark {
    RowOutcome outcome;
    std::string reason;
};

/// One row of jail_semantics.rows; see there.
struct JailRow {
    int line = 0;
    std::string text;
    std::vector<std::string> words;  ///< the call
    RowOutcome outcome;
    std::map<std::string, RowMark> marks;  ///< by kind of host
};

struct JailScenario {
    std::string title;
    std::vector<JailRow> rows;
};

/// Its name in the messages of GoogleTest.
inline void PrintTo(const JailScenario& scenario, std::ostream* out) {
    *out << scenario.title;
}

/// Words between blanks; "…" holds blanks, ${x*300} is 300 letters x.
[[nodiscard]] std::vector<std::string> row_words(const std::string& text);

/// @throws std::runtime_error that names the line which cannot be understood.
[[nodiscard]] std::vector<JailScenario> read_jail_rows(const std::filesystem::path& file);

}  // namespace brig::test
