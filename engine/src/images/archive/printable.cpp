// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/printable.hpp"

#include <fmt/format.h>

#include <cwchar>
#include <cwctype>
#include <iterator>

namespace brig::archive {
namespace {

constexpr std::size_t kLongest = 512;

/// How many bytes the printable character at the front of `text` has; 0 when there is none.
std::size_t character_length(std::string_view text) {
    wchar_t character = 0;
    std::mbstate_t state{};
    const std::size_t length = std::mbrtowc(&character, text.data(), text.size(), &state);
    const bool decoded = length != 0 && length <= text.size();
    return decoded && std::iswprint(static_cast<std::wint_t>(character)) != 0 ? length : 0;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        if (result.size() >= kLongest) {
            return result + "...";
        }
        std::size_t length = character_length(text);
        if (length > 0) {
            result += text.substr(0, length);
        } else {
            length = 1;
            fmt::format_to(
                std::back_inserter(result), "\\x{:02x}", static_cast<unsigned char>(text.front()));
        }
        text.remove_prefix(length);
    }
    return result;
}

}  // namespace brig::archive
