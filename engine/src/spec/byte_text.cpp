// SPDX-License-Identifier: BSD-2-Clause
#include "spec/byte_text.hpp"

#include <algorithm>
#include <cstddef>

namespace brig {

namespace {

// U+10FF80 … U+10FFFF, which stand for the bytes 0x80 … 0xff, are F4 8F BE 80 … F4 8F BF BF.
constexpr std::string_view kEscapeLead = "\xf4\x8f";

unsigned char byte_at(std::string_view text, std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
}

bool is_continuation(unsigned char byte) {
    return (byte & 0xc0U) == 0x80U;
}

/// How many bytes the code point at the start of `text` has; 0 when it is not valid UTF-8. See
/// RFC 3629, section 4.
std::size_t code_point_length(std::string_view text) {
    const unsigned char lead = byte_at(text, 0);
    const unsigned char second = byte_at(text, 1);
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4 || !is_continuation(second)) {
        return 0;
    }
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool surrogate = lead == 0xed && second >= 0xa0;
    const bool too_large = lead == 0xf4 && second >= 0x90;
    if (overlong || surrogate || too_large) {
        return 0;
    }
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const std::string_view rest = text.substr(2, length - 2);
    const bool whole =
        rest.size() == length - 2 && std::all_of(rest.begin(), rest.end(), [](char byte) {
            return is_continuation(static_cast<unsigned char>(byte));
        });
    return whole ? length : 0;
}

bool is_escape(std::string_view code_point) {
    return code_point.size() == 4 && code_point.substr(0, 2) == kEscapeLead
           && byte_at(code_point, 2) >= 0xbe;
}

std::string escape(unsigned char byte) {
    std::string text{kEscapeLead};
    text += static_cast<char>(byte < 0xc0 ? 0xbe : 0xbf);
    text += static_cast<char>(0x80U | (byte & 0x3fU));
    return text;
}

char unescape(std::string_view code_point) {
    const unsigned base = byte_at(code_point, 2) == 0xbe ? 0x80U : 0xc0U;
    return static_cast<char>(base | (byte_at(code_point, 3) & 0x3fU));
}

}  // namespace

std::string encode_bytes(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = code_point_length(bytes);
        const std::string_view code_point = bytes.substr(0, length);
        if (length == 0 || is_escape(code_point)) {
            text += escape(byte_at(bytes, 0));
            bytes.remove_prefix(1);
        } else {
            text += code_point;
            bytes.remove_prefix(length);
        }
    }
    return text;
}

std::string decode_bytes(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        if (is_escape(text.substr(0, 4))) {
            bytes += unescape(text);
            text.remove_prefix(4);
        } else {
            bytes += text.front();
            text.remove_prefix(1);
        }
    }
    return bytes;
}

}  // namespace brig
