// SPDX-License-Identifier: BSD-2-Clause
#include "jail_conf/command_text.hpp"

#include "params/merge.hpp"

#include <optional>

namespace brig::jail_conf {

namespace {

constexpr std::string_view kQuoteInQuotes = "'\\''";

/// Always in quotes: a shell takes no such word for a keyword, an alias or an assignment.
std::string quoted(std::string_view word) {
    std::string text{"'"};
    for (const char c : word) {
        text += c == '\'' ? std::string{kQuoteInQuotes} : std::string(1, c);
    }
    return text + "'";
}

/// Takes a word that quoted() wrote off the beginning of `text`.
std::optional<std::string> unquote_word(std::string_view& text) {
    if (!text.starts_with('\'')) {
        return std::nullopt;
    }
    std::string word;
    text.remove_prefix(1);
    while (true) {
        const std::size_t end = text.find('\'');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        word += text.substr(0, end);
        text.remove_prefix(end);
        if (!text.starts_with(kQuoteInQuotes)) {
            text.remove_prefix(1);
            return word;
        }
        word += '\'';
        text.remove_prefix(kQuoteInQuotes.size());
    }
}

/// The words of a text that quoted() wrote all of.
std::optional<std::vector<std::string>> unquote(std::string_view text) {
    std::vector<std::string> words;
    while (auto word = unquote_word(text)) {
        words.push_back(*std::move(word));
        if (text.empty()) {
            return words;
        }
        if (!text.starts_with(' ')) {
            return std::nullopt;
        }
        text.remove_prefix(1);
    }
    return std::nullopt;
}

bool is_shell_command(const std::vector<std::string>& words) {
    return words.size() == 3 && words[0] == "/bin/sh" && words[1] == "-c";
}

}  // namespace

std::string format_command(const std::vector<std::string>& words) {
    if (is_shell_command(words) && parse_command(words[2]) == words
        && !parse_hook(words[2]).background) {
        return words[2];
    }
    std::string plain;
    std::string in_quotes;
    for (const std::string& word : words) {
        plain += (plain.empty() ? "" : " ") + word;
        in_quotes += (in_quotes.empty() ? "" : " ") + quoted(word);
    }
    return parse_command(plain) == words && !parse_hook(plain).background ? plain : in_quotes;
}

std::vector<std::string> parse_command(std::string_view text) {
    if (auto words = unquote(text)) {
        return *std::move(words);
    }
    return parse_hook(text).argv;
}

}  // namespace brig::jail_conf
