// SPDX-License-Identifier: BSD-2-Clause
#include "params/merge.hpp"
#include "support/text.hpp"

namespace brig {

namespace {

// As in run_command() of jail(8).
constexpr std::string_view kShell = "!\"$&'()*;<>?[\\]`{|}~";

std::vector<std::string> split_at_blanks(std::string_view text) {
    std::vector<std::string> words;
    std::size_t begin = text.find_first_not_of(kBlanks);
    while (begin != std::string_view::npos) {
        const std::size_t end = text.find_first_of(kBlanks, begin);
        words.emplace_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(kBlanks, end);
    }
    return words;
}

}  // namespace

HookCommand parse_hook(std::string_view text) {
    const std::size_t special = text.find_first_of(kShell);
    const bool background = !text.empty() && special == text.size() - 1 && text.back() == '&';
    if (special != std::string_view::npos && !background) {
        return {{"/bin/sh", "-c", std::string{text}}, false};
    }
    return {split_at_blanks(text.substr(0, special)), background};
}

}  // namespace brig
