// SPDX-License-Identifier: BSD-2-Clause
#include "spec/toml.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

// Errors come back as values, and a hostile file cannot nest deeper than the stack is.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
// toml++ 3.3 asserts (and, with NDEBUG, lets clang assume) what "[ #" breaks, and then checks it
// again properly. Only the check may count.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

namespace brig {

namespace {

/// toml++ nests a table for every dot of a key, without a limit, and takes them apart recursively.
constexpr std::size_t kMaxDotsInLine = 512;

/// Walks over TOML just so far that it knows what is within strings and comments. Where the text is
/// no TOML it may be wrong about that, but toml++ goes no further than to the first such place.
class DotCounter {
  public:
    explicit DotCounter(std::string_view text) : text_{text} {}

    /// The number of the first line with too many dots that may be those of a key.
    std::optional<std::size_t> find_line() {
        while (position_ < text_.size() && dots_ <= kMaxDotsInLine) {
            const char c = text_[position_];
            if (c == '"' || c == '\'') {
                skip_string(c);
                continue;
            }
            if (c == '#') {
                position_ = std::min(text_.find('\n', position_), text_.size());
                continue;
            }
            dots_ += c == '.' ? 1 : 0;
            step();
        }
        return dots_ > kMaxDotsInLine ? std::optional{line_} : std::nullopt;
    }

  private:
    void step() {
        if (text_[position_] == '\n') {
            ++line_;
            dots_ = 0;
        }
        ++position_;
    }

    void skip_string(char quote) {
        const std::string delimiter(is_thrice(quote) ? 3 : 1, quote);
        position_ += delimiter.size();
        while (position_ < text_.size() && text_.substr(position_, delimiter.size()) != delimiter) {
            if (delimiter.size() == 1 && text_[position_] == '\n') {
                return;  // without an end
            }
            const bool is_escape = quote == '"' && text_[position_] == '\\';
            step();
            if (is_escape && position_ < text_.size()) {
                step();
            }
        }
        position_ = std::min(position_ + delimiter.size(), text_.size());
        // Up to two quotes may stand before the three that end a string of many lines.
        for (int more = 0; delimiter.size() == 3 && more < 2 && is_at(quote); ++more) {
            ++position_;
        }
    }

    [[nodiscard]] bool is_at(char c) const {
        return position_ < text_.size() && text_[position_] == c;
    }

    [[nodiscard]] bool is_thrice(char quote) const {
        return text_.substr(position_, 3) == std::string(3, quote);
    }

    std::string_view text_;
    std::size_t position_ = 0;
    std::size_t line_ = 1;
    std::size_t dots_ = 0;
};

/// Turns toml++'s tree into ours.
class Converter {
  public:
    Converter(const std::string& name, Findings& findings) : name_{name}, findings_{findings} {}

    [[nodiscard]] std::string where(const toml::source_position& position) const {
        return fmt::format("{}:{}:{}", name_, position.line, position.column);
    }

    TomlTable table(const toml::table& source) {
        // toml++ sorts by key; what was written first is to be reported first.
        std::vector<std::pair<const toml::key*, const toml::node*>> members;
        for (const auto& [key, node] : source) {
            members.emplace_back(&key, &node);
        }
        std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
            return before(a.first->source().begin, b.first->source().begin);
        });
        TomlTable result;
        for (const auto& [key, node] : members) {
            result.push_back({string(std::string{key->str()}, key->source().begin),
                              where(key->source().begin),
                              value(*node)});
        }
        return result;
    }

  private:
    static bool before(const toml::source_position& a, const toml::source_position& b) {
        return a.line != b.line ? a.line < b.line : a.column < b.column;
    }

    std::string string(std::string text, const toml::source_position& position) {
        if (text.find('\0') != std::string::npos) {
            findings_.add({where(position), "a string holds a NUL character", ""});
        }
        return text;
    }

    TomlValue value(const toml::node& node) {
        const toml::source_position& begin = node.source().begin;
        if (const auto* boolean = node.as_boolean()) {
            return {boolean->get(), where(begin)};
        }
        if (const auto* integer = node.as_integer()) {
            return {integer->get(), where(begin)};
        }
        if (const auto* text = node.as_string()) {
            return {string(text->get(), begin), where(begin)};
        }
        if (const auto* elements = node.as_array()) {
            return {array(*elements), where(begin)};
        }
        if (const auto* members = node.as_table()) {
            return {table(*members), where(begin)};
        }
        return {TomlOther{node.is_floating_point() ? "a number with a fraction" : "a date or time"},
                where(begin)};
    }

    TomlArray array(const toml::array& source) {
        TomlArray result;
        for (const toml::node& node : source) {
            result.push_back(value(node));
        }
        return result;
    }

    const std::string& name_;
    Findings& findings_;
};

}  // namespace

std::optional<TomlTable> parse_toml(std::string_view text,
                                    const std::string& name,
                                    Findings& findings) {
    if (const auto line = DotCounter{text}.find_line()) {
        findings.add({fmt::format("{}:{}:1", name, *line),
                      fmt::format("more than {} dots in one line", kMaxDotsInLine),
                      ""});
        return std::nullopt;
    }
    Converter converter{name, findings};
    const toml::parse_result document = toml::parse(text);
    if (!document) {
        const toml::parse_error& error = document.error();
        findings.add({converter.where(error.source().begin), std::string{error.description()}, ""});
        return std::nullopt;
    }
    const bool was_clean = findings.empty();
    TomlTable table = converter.table(document.table());
    return was_clean && !findings.empty() ? std::nullopt : std::optional{std::move(table)};
}

std::string type_name(const TomlValue& value) {
    struct Namer {
        std::string operator()(bool) const { return "true or false"; }
        std::string operator()(std::int64_t) const { return "a number"; }
        std::string operator()(const std::string&) const { return "a string"; }
        std::string operator()(const TomlArray&) const { return "a list"; }
        std::string operator()(const TomlTable&) const { return "a table"; }
        std::string operator()(const TomlOther& other) const { return other.type; }
    };
    return std::visit(Namer{}, value.data);
}

std::string quote_toml(std::string_view text) {
    std::string quoted{"\""};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            quoted += fmt::format("\\u{:04X}", byte);
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

}  // namespace brig
