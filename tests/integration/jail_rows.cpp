// SPDX-License-Identifier: BSD-2-Clause
#include "integration/jail_rows.hpp"

#include <fmt/core.h>

#include <fstream>
#include <stdexcept>

namespace brig::test {

namespace {

constexpr std::string_view kArrow = " => ";
constexpr std::string_view kBecause = " because ";

RowOutcome parse_outcome(const std::string& text) {
    const std::size_t blank = text.find(' ');
    return {text.substr(0, blank), blank == std::string::npos ? "" : text.substr(blank + 1)};
}

std::string repeated(const std::string& word) {
    const std::size_t begin = word.find("${");
    const std::size_t end = word.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos || word.at(begin + 3) != '*') {
        return word;
    }
    const auto count = static_cast<std::size_t>(std::stoi(word.substr(begin + 4)));
    return word.substr(0, begin) + std::string(count, word.at(begin + 2)) + word.substr(end + 1);
}

/// The file under construction, line by line.
class Reader {
  public:
    void take(int number, const std::string& line) {
        if (line.empty() || line.front() == '#') {
            return;
        }
        if (line.front() == '[') {
            scenarios_.push_back({line.substr(1, line.rfind(']') - 1), {}});
            common_.clear();
        } else if (scenarios_.empty()) {
            fail(number, "no scenario yet");
        } else if (line.front() == ' ') {
            take_mark(number, line.substr(line.find_first_not_of(' ')));
        } else {
            take_row(number, line);
        }
    }

    [[nodiscard]] std::vector<JailScenario> finish() { return std::move(scenarios_); }

  private:
    [[noreturn]] static void fail(int number, const std::string& what) {
        throw std::runtime_error{fmt::format("line {}: {}", number, what)};
    }

    void take_mark(int number, const std::string& line) {
        const std::size_t colon = line.find(": ");
        const std::size_t because = line.rfind(kBecause);
        if (colon == std::string::npos || because == std::string::npos) {
            fail(number, "a mark is HOST: OUTCOME because REASON");
        }
        const std::string host = line.substr(0, colon);
        const RowMark mark{parse_outcome(line.substr(colon + 2, because - colon - 2)),
                           line.substr(because + kBecause.size())};
        auto& rows = scenarios_.back().rows;
        auto& marks = rows.empty() ? common_ : rows.back().marks;
        for (const char* each : {"linux", "model"}) {
            if (host == each || host == "brig") {
                marks.insert_or_assign(each, mark);
            }
        }
    }

    void take_row(int number, const std::string& line) {
        const std::size_t arrow = line.rfind(kArrow);
        if (arrow == std::string::npos) {
            fail(number, "a row is CALL => OUTCOME");
        }
        JailRow row;
        row.line = number;
        row.text = line;
        row.words = row_words(line.substr(0, arrow));
        row.outcome = parse_outcome(line.substr(arrow + kArrow.size()));
        row.marks = common_;
        scenarios_.back().rows.push_back(std::move(row));
    }

    std::vector<JailScenario> scenarios_;
    std::map<std::string, RowMark> common_;  ///< of all rows of the scenario
};

}  // namespace

std::vector<std::string> row_words(const std::string& text) {
    std::vector<std::string> words;
    bool is_quoted = false;
    bool is_open = false;
    for (const char c : text) {
        if (c == '"') {
            is_quoted = !is_quoted;
        }
        if (c == ' ' && !is_quoted) {
            is_open = false;
            continue;
        }
        if (!is_open) {
            words.emplace_back();
            is_open = true;
        }
        if (c != '"') {
            words.back() += c;
        }
    }
    for (std::string& word : words) {
        word = repeated(word);
    }
    return words;
}

std::vector<JailScenario> read_jail_rows(const std::filesystem::path& file) {
    std::ifstream in{file};
    if (!in) {
        throw std::runtime_error{"cannot read " + file.native()};
    }
    Reader reader;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        reader.take(++number, line);
    }
    return reader.finish();
}

}  // namespace brig::test
