// SPDX-License-Identifier: BSD-2-Clause
#include "support/facts.hpp"

#include <charconv>

namespace brig {

namespace {

constexpr std::string_view kDisturbing = "%\t\n=";

}  // namespace

std::string escape_field(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        if (kDisturbing.find(c) == std::string_view::npos) {
            escaped += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
        }
    }
    return escaped;
}

std::string unescape_field(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '%' && i + 2 < text.size()
            && std::from_chars(&text[i + 1], &text[i + 1] + 2, byte, 16).ec == std::errc{}) {
            plain += static_cast<char>(byte);
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::string format_facts(const Facts& facts) {
    std::string text;
    for (const auto& [name, value] : facts) {
        text += '\t' + escape_field(name) + '=' + escape_field(value);
    }
    return text;
}

void parse_facts(Facts& facts, const std::vector<std::string>& fields, std::size_t first) {
    for (std::size_t i = first; i < fields.size(); ++i) {
        const std::size_t equals = fields[i].find('=');
        if (equals != std::string::npos) {
            facts[unescape_field(fields[i].substr(0, equals))] =
                unescape_field(fields[i].substr(equals + 1));
        }
    }
}

}  // namespace brig
