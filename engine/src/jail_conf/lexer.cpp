// SPDX-License-Identifier: BSD-2-Clause
#include "jail_conf/lexer.hpp"

#include "spec/names.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig::jail_conf {

namespace {

constexpr std::string_view kSeparators = " \t\r\n";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view kDigits = "0123456789";

/// What a word may hold without quotes, besides letters and digits. jail(8) reads `*`, `+` and `/`
/// one at a time, which makes no difference but that `+=`, `//` and `/*` come first.
constexpr std::string_view kPlain = "!%&()-.:<>?@[]^`|~*+/";

bool is_one_of(char c, std::string_view characters) noexcept {
    return characters.find(c) != std::string_view::npos;
}

bool is_plain(char c) noexcept {
    return is_one_of(c, kLetters) || is_one_of(c, kDigits) || is_one_of(c, kPlain);
}

void add_text(Word& word, std::string_view text) {
    if (word.pieces.empty() || word.pieces.back().is_variable) {
        word.pieces.emplace_back();
    }
    word.pieces.back().text += text;
}

/// The value of a digit of any base up to 16, or 16.
unsigned digit_value(char c) noexcept {
    constexpr std::string_view kHexadecimal = "0123456789abcdef";
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return static_cast<unsigned>(std::min(kHexadecimal.find(lower), kHexadecimal.size()));
}

/// C's codes for characters; any other character stands for itself.
char escaped_character(char c) noexcept {
    constexpr std::string_view kCodes = "abfnrtv";
    constexpr std::string_view kCharacters = "\a\b\f\n\r\t\v";
    const std::size_t code = kCodes.find(c);
    return code == std::string_view::npos ? c : kCharacters[code];
}

}  // namespace

std::string Place::to_string() const {
    return fmt::format("{}:{}:{}", *file, line, column);
}

bool Word::is_text() const noexcept {
    return std::none_of(
        pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.is_variable; });
}

std::string Word::text() const {
    std::string text;
    for (const Piece& piece : pieces) {
        text += piece.is_variable ? "${" + piece.text + "}" : piece.text;
    }
    return text;
}

Lexer::Lexer(std::string_view text, std::shared_ptr<const std::string> file, Findings& findings)
    : text_{text}, findings_{findings}, place_{std::move(file)} {}

bool Lexer::at(std::string_view prefix) const noexcept {
    return text_.substr(position_, prefix.size()) == prefix;
}

void Lexer::advance(std::size_t count) noexcept {
    for (; count > 0 && !at_end(); --count) {
        const bool is_newline = peek() == '\n';
        place_.line += is_newline ? 1 : 0;
        place_.column = is_newline ? 1 : place_.column + 1;
        ++position_;
    }
}

void Lexer::fail(const Place& place, std::string_view message, std::string hint) {
    if (findings_.all().size() < kMaxFindings) {
        findings_.add({place.to_string(), std::string{message}, std::move(hint)});
    }
}

Token Lexer::next() {
    skip_blanks_and_comments();
    if (at_end()) {
        return {TokenKind::end, {}, "end of the file", place_};
    }
    if (at("+=")) {
        return reserved(TokenKind::append, 2);
    }
    switch (peek()) {
        case '=':
            return reserved(TokenKind::assign, 1);
        case ',':
            return reserved(TokenKind::comma, 1);
        case ';':
            return reserved(TokenKind::semicolon, 1);
        case '{':
            return reserved(TokenKind::open, 1);
        case '}':
            return reserved(TokenKind::close, 1);
        default:
            return word();
    }
}

Token Lexer::reserved(TokenKind kind, std::size_t length) {
    Token token{kind, {}, quoted_for_message(text_.substr(position_, length)), place_};
    advance(length);
    return token;
}

void Lexer::skip_blanks_and_comments() {
    while (!at_end()) {
        if (is_one_of(peek(), kSeparators)) {
            advance(1);
        } else if (!skip_comment()) {
            return;
        }
    }
}

bool Lexer::skip_comment() {
    if (at("#") || at("//")) {
        advance(std::min(text_.find('\n', position_), text_.size()) - position_);
        return true;
    }
    if (!at("/*")) {
        return false;
    }
    const std::size_t end = text_.find("*/", position_ + 2);
    if (end == std::string_view::npos) {
        fail(place_, "unterminated comment", "end it with */");
    }
    advance(end == std::string_view::npos ? text_.size() : end + 2 - position_);
    return true;
}

Token Lexer::word() {
    Token token{TokenKind::word, {{}, place_}, {}, place_};
    const std::size_t begin = position_;
    while (!at_end() && read_piece(token.word)) {}
    if (position_ == begin) {
        return reserved(TokenKind::unknown, 1);
    }
    token.text = quoted_for_message(text_.substr(begin, position_ - begin));
    return token;
}

bool Lexer::read_piece(Word& word) {
    if (at("+=") || at("//") || at("/*")) {
        return false;
    }
    const char c = peek();
    if (is_plain(c)) {
        add_text(word, {&c, 1});
        advance(1);
    } else if (c == '\\') {
        std::string text;
        read_escape(text);
        add_text(word, text);
    } else if (c == '$') {
        read_dollar(word, "\n{}");
    } else if (c == '\'') {
        read_single_quoted(word);
    } else if (c == '"') {
        read_double_quoted(word);
    } else {
        return false;
    }
    return true;
}

std::optional<std::size_t> Lexer::find_quote(char quote) const noexcept {
    for (std::size_t i = position_ + 1; i < text_.size(); ++i) {
        if (text_[i] == quote) {
            return i;
        }
        i += text_[i] == '\\' ? 1 : 0;
    }
    return std::nullopt;
}

void Lexer::read_single_quoted(Word& word) {
    const auto end = find_quote('\'');
    std::string text;
    if (!end) {
        fail(place_, "unterminated string", "a string ends with the quote that it began with");
        advance(std::min(text_.find('\n', position_), text_.size()) - position_);
    } else {
        advance(1);
    }
    while (end && position_ < *end) {
        if (peek() == '\\') {
            read_escape(text);
        } else {
            text += peek();
            advance(1);
        }
    }
    advance(end ? 1 : 0);
    add_text(word, text);
}

void Lexer::read_double_quoted(Word& word) {
    const auto end = find_quote('"');
    // Also where a variable comes first: "$name" is no name of a variable that is being set.
    add_text(word, "");
    if (!end) {
        fail(place_, "unterminated string", "a string ends with the quote that it began with");
        advance(std::min(text_.find('\n', position_), text_.size()) - position_);
        return;
    }
    advance(1);
    while (position_ < *end) {
        if (peek() == '$') {
            read_dollar(word, "\n{}\"");
        } else if (peek() == '\\') {
            std::string text;
            read_escape(text);
            add_text(word, text);
        } else {
            add_text(word, text_.substr(position_, 1));
            advance(1);
        }
    }
    advance(1);
}

/// `$name`, `${any name}`, or a dollar that is one.
void Lexer::read_dollar(Word& word, std::string_view not_in_braces) {
    const Place begin = place_;
    advance(1);
    if (at("{")) {
        word.pieces.push_back({true, read_braces(begin, not_in_braces)});
        return;
    }
    const std::size_t from = position_;
    while (!at_end()
           && (is_one_of(peek(), kLetters) || (position_ > from && is_one_of(peek(), kDigits)))) {
        advance(1);
    }
    if (position_ > from) {
        word.pieces.push_back({true, std::string{text_.substr(from, position_ - from)}});
    } else {
        add_text(word, "$");
    }
}

std::string Lexer::read_braces(const Place& begin, std::string_view not_in_braces) {
    std::string name;
    advance(1);
    while (!at_end() && !is_one_of(peek(), not_in_braces)) {
        if (peek() == '\\') {
            read_escape(name);
        } else {
            name += peek();
            advance(1);
        }
    }
    if (at("}")) {
        advance(1);
    } else {
        fail(begin, "unterminated variable", "write ${NAME}, or \\$ for a dollar");
    }
    return name;
}

/// A backslash and what it stands for: a character, a code, or nothing at the end of a line.
void Lexer::read_escape(std::string& text) {
    const Place begin = place_;
    advance(1);
    if (at_end()) {
        fail(begin, "a backslash ends the file");
        return;
    }
    const std::size_t length = text.size();
    if (digit_value(peek()) < 8) {
        read_number(text, 8, 3);
    } else if (peek() == 'x') {
        advance(1);
        read_number(text, 16, 2);
    } else if (peek() == '\n') {
        advance(1);
    } else {
        text += escaped_character(peek());
        advance(1);
    }
    if (text.find('\0', length) != std::string::npos) {
        fail(begin, "a NUL character, which no parameter can hold");
        text.resize(length);
    }
}

void Lexer::read_number(std::string& text, unsigned base, std::size_t most) {
    unsigned code = 0;
    for (; most > 0 && !at_end() && digit_value(peek()) < base; --most) {
        code = code * base + digit_value(peek());
        advance(1);
    }
    text += static_cast<char>(static_cast<unsigned char>(code));
}

}  // namespace brig::jail_conf
