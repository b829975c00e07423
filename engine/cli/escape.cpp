// SPDX-License-Identifier: BSD-2-Clause
#include "escape.hpp"

#include <fmt/core.h>

namespace brig::cli {

namespace {

/// What stands at the front of a text.
struct Character {
    std::string_view bytes;  ///< at least one
    char32_t code = 0;
    bool is_valid = false;  ///< false: not UTF-8; one byte
};

/// The lead byte of a character of `length` bytes.
struct Lead {
    unsigned length;
    unsigned mask;
    unsigned mark;
    char32_t least;  ///< smaller ones are overlong: RFC 3629
};

constexpr Lead kLeads[] = {
    // NOLINT(modernize-avoid-c-arrays)
    {1, 0x80, 0x00, 0x00},
    {2, 0xe0, 0xc0, 0x80},
    {3, 0xf0, 0xe0, 0x800},
    {4, 0xf8, 0xf0, 0x10000},
};

bool is_scalar(char32_t code) {
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/// The character that `lead` says `text` begins with.
Character decode(std::string_view text, const Lead& lead) {
    const Character invalid{text.substr(0, 1), 0, false};
    if (text.size() < lead.length) {
        return invalid;
    }
    char32_t code = static_cast<unsigned char>(text[0]) & ~lead.mask;
    for (unsigned i = 1; i < lead.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0U) != 0x80U) {
            return invalid;
        }
        code = (code << 6U) | (byte & 0x3fU);
    }
    const bool is_valid = code >= lead.least && is_scalar(code);
    return is_valid ? Character{text.substr(0, lead.length), code, true} : invalid;
}

Character first_character(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text.front());
    for (const Lead& lead : kLeads) {
        if ((byte & lead.mask) == lead.mark) {
            return decode(text, lead);
        }
    }
    return {text.substr(0, 1), 0, false};
}

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/// Marks that make text run the other way, and separators that some take for newlines.
bool is_layout(char32_t code) {
    return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e)
           || (code >= 0x2066 && code <= 0x2069);
}

bool is_safe(const Character& character) {
    return character.is_valid && !is_control(character.code) && !is_layout(character.code);
}

std::string escaped_bytes(const Character& character) {
    std::string text;
    for (const char byte : character.bytes) {
        text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
    return text;
}

std::string printable_form(const Character& character) {
    return is_safe(character) ? std::string{character.bytes} : escaped_bytes(character);
}

std::string in_json(const Character& character) {
    if (!character.is_valid) {
        return "\\ufffd";
    }
    switch (character.code) {
        case U'"':
            return "\\\"";
        case U'\\':
            return "\\\\";
        case U'\n':
            return "\\n";
        case U'\t':
            return "\\t";
        default:
            return is_safe(character)
                       ? std::string{character.bytes}
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(character.code));
    }
}

/// Every character of `text`, as `write` has it.
template <typename Write>
std::string transformed(std::string_view text, Write write) {
    std::string result;
    while (!text.empty()) {
        const Character character = first_character(text);
        result += write(character);
        text.remove_prefix(character.bytes.size());
    }
    return result;
}

}  // namespace

std::string printable(std::string_view text) {
    return transformed(text, [](const Character& each) { return printable_form(each); });
}

std::string printable_lines(std::string_view text) {
    return transformed(text, [](const Character& each) {
        return each.code == U'\n' ? std::string{"\n"} : printable_form(each);
    });
}

std::string printable_start(std::string_view text, std::size_t most) {
    std::string start;
    for (; !text.empty(); --most) {
        if (most == 0) {
            return start + "…";
        }
        const Character character = first_character(text);
        start += printable_form(character);
        text.remove_prefix(character.bytes.size());
    }
    return start;
}

std::string json_string(std::string_view text) {
    return '"' + transformed(text, in_json) + '"';
}

}  // namespace brig::cli
