// SPDX-License-Identifier: BSD-2-Clause
#include "images/helper_report.hpp"

#include "support/facts.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace brig {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1024} * 1024;
constexpr std::size_t kLongestText = 8192;
constexpr std::size_t kMostFacts = std::size_t{8} * 1024 * 1024;  ///< bytes

/// Splits off the first word of `text` and the blank after it.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && number >= 0 ? std::optional{number} : std::nullopt;
}

void append_line(std::string& text, std::string_view line) {
    if (text.size() + line.size() < kLongestText) {
        text += text.empty() ? "" : "\n";
        text += line;
    }
}

}  // namespace

void HelperReport::feed(std::string_view output) {
    while (!output.empty()) {
        const std::size_t end = output.find('\n');
        line_ += output.substr(0, std::min(end, kLongestLine));
        line_.resize(std::min(line_.size(), kLongestLine));
        if (end == std::string_view::npos) {
            return;
        }
        take_line(std::exchange(line_, {}));
        output.remove_prefix(end + 1);
    }
}

void HelperReport::take_line(std::string_view line) {
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    if (!take_message(word, rest)) {
        append_line(output_, line);
    }
}

bool HelperReport::take_message(std::string_view word, std::string_view rest) {
    if (word == "progress") {
        return take_counts(rest);
    }
    if (word == "done") {
        done_ = take_counts(rest);
        return done_;
    }
    if (word == "warning") {
        return take_warning(rest);
    }
    if (word == "hint") {
        hint_ = rest;
        return true;
    }
    if (word == "fact") {
        return take_fact(rest);
    }
    return word == "error" && take_error(rest);
}

bool HelperReport::take_fact(std::string_view text) {
    const std::size_t equals = text.find('=');
    facts_size_ += text.size();
    if (equals == std::string_view::npos || facts_size_ > kMostFacts) {
        return false;
    }
    facts_.push_back(
        {unescape_field(text.substr(0, equals)), unescape_field(text.substr(equals + 1))});
    return true;
}

std::string HelperReport::fact(std::string_view name) const {
    const auto found = std::find_if(
        facts_.rbegin(), facts_.rend(), [&](const Fact& fact) { return fact.name == name; });
    return found == facts_.rend() ? "" : found->value;
}

bool HelperReport::take_counts(std::string_view counts) {
    const auto entries = to_number<std::uint64_t>(take_word(counts));
    const auto bytes = to_number<std::uint64_t>(counts);
    if (!entries || !bytes) {
        return false;
    }
    entries_ = *entries;
    bytes_ = *bytes;
    return true;
}

bool HelperReport::take_error(std::string_view text) {
    const auto error_number = to_number<int>(take_word(text));
    if (error_number) {
        failure_ = Failure{*error_number, std::string{text}, hint_};
    }
    return error_number.has_value();
}

bool HelperReport::take_warning(std::string_view text) {
    ++warnings_;
    append_line(first_warnings_, text);
    return true;
}

}  // namespace brig
