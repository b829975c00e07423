// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "jail_conf/document.hpp"
#include "support/findings.hpp"

#include <optional>
#include <string_view>

namespace brig::jail_conf {

enum class TokenKind {
    word,
    assign,  ///< =
    append,  ///< +=
    comma,
    semicolon,
    open,     ///< {
    close,    ///< }
    unknown,  ///< a character that means nothing outside of quotes
    end
};

struct Token {
    TokenKind kind = TokenKind::end;
    Word word;         ///< of a word
    std::string text;  ///< as it is written, for messages
    Place place;
};

/// Cuts the text of a jail.conf(5) into tokens, by the rules of jail(8)'s own lexer. Strings,
/// comments and variables without an end become findings, and the rest is read as well.
class Lexer {
  public:
    /// `text` and `findings` must outlive the lexer.
    Lexer(std::string_view text, std::shared_ptr<const std::string> file, Findings& findings);

    /// The next token; at the end of the text TokenKind::end, again and again.
    [[nodiscard]] Token next();

  private:
    [[nodiscard]] bool at(std::string_view prefix) const noexcept;
    [[nodiscard]] bool at_end() const noexcept { return position_ >= text_.size(); }
    [[nodiscard]] char peek() const noexcept { return text_[position_]; }
    void advance(std::size_t count) noexcept;
    void fail(const Place& place, std::string_view message, std::string hint = "");

    void skip_blanks_and_comments();
    bool skip_comment();
    Token reserved(TokenKind kind, std::size_t length);
    Token word();

    /// Reads one piece that may follow another without a blank; false where the word ends.
    bool read_piece(Word& word);
    void read_single_quoted(Word& word);
    void read_double_quoted(Word& word);
    void read_dollar(Word& word, std::string_view not_in_braces);
    /// The name in braces; `begin` is the place of its dollar.
    std::string read_braces(const Place& begin, std::string_view not_in_braces);
    void read_escape(std::string& text);
    void read_number(std::string& text, unsigned base, std::size_t most);

    /// Where the quoted string that begins here ends, if it does.
    [[nodiscard]] std::optional<std::size_t> find_quote(char quote) const noexcept;

    std::string_view text_;
    Findings& findings_;
    std::size_t position_ = 0;
    Place place_;
};

}  // namespace brig::jail_conf
