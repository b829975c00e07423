// SPDX-License-Identifier: BSD-2-Clause
#include "label.hpp"

#include <array>

namespace brig::storage_dir {
namespace {

constexpr std::string_view kNoSource = "-";
constexpr std::string_view kReady = "ready";
constexpr std::string_view kDiscarding = "discarding";
constexpr std::string_view kFreezing = "freezing:";
constexpr std::string_view kLimited = ",limited";

/// Cuts off `text` what stands before the next blank.
std::string_view next_word(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    return word;
}

/// Cuts `ending` off `word`; false if it ends otherwise.
bool cut_off(std::string_view& word, std::string_view ending) {
    if (word.size() < ending.size() || word.substr(word.size() - ending.size()) != ending) {
        return false;
    }
    word.remove_suffix(ending.size());
    return true;
}

std::optional<Kind> parse_kind(std::string_view word) {
    for (const Kind kind : {Kind::whole, Kind::layered, Kind::copy, Kind::reflink}) {
        if (word == word_for(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

bool parse_source(std::string_view word, std::optional<LayerId>& source) {
    if (word == kNoSource) {
        return true;
    }
    const std::size_t slash = word.find('/');
    if (slash == std::string_view::npos
        || word.find_first_not_of("0123456789", slash + 1) != std::string_view::npos) {
        return false;
    }
    source = LayerId{std::string{word.substr(0, slash)}, std::string{word.substr(slash + 1)}};
    return true;
}

bool parse_state(std::string_view word, Label& label) {
    if (word == kReady || word == kDiscarding) {
        label.state = word == kReady ? State::ready : State::discarding;
        return true;
    }
    label.state = State::freezing;
    label.snapshot = word.substr(std::min(word.size(), kFreezing.size()));
    return word.substr(0, kFreezing.size()) == kFreezing && !label.snapshot.empty();
}

}  // namespace

std::string_view word_for(Kind kind) noexcept {
    switch (kind) {
        case Kind::whole:
            return "whole";
        case Kind::layered:
            return "layered";
        case Kind::copy:
            return "copy";
        case Kind::reflink:
            return "reflink";
    }
    return {};
}

std::string Label::text() const {
    std::string text{word_for(kind)};
    if (limited) {
        text += kLimited;
    }
    text += ' ';
    text += source ? source->text() : std::string{kNoSource};
    text += ' ';
    switch (state) {
        case State::ready:
            text += kReady;
            break;
        case State::discarding:
            text += kDiscarding;
            break;
        case State::freezing:
            text += kFreezing;
            text += snapshot;
            break;
    }
    text += ' ';
    text += owner;
    return text;
}

std::optional<Label> Label::parse(std::string_view text) {
    Label label;
    std::string_view word = next_word(text);
    label.limited = cut_off(word, kLimited);
    const std::optional<Kind> kind = parse_kind(word);
    if (!kind || !parse_source(next_word(text), label.source)
        || !parse_state(next_word(text), label) || text.empty()) {
        return std::nullopt;
    }
    label.kind = *kind;
    label.owner = text;
    return label;
}

}  // namespace brig::storage_dir
