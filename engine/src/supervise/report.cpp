// SPDX-License-Identifier: BSD-2-Clause
#include "supervise/report.hpp"

#include "support/text.hpp"

#include <cstdlib>

namespace brig {

namespace {

// Code, errno, hint, message, then the trail; none of them contains a NUL byte.
constexpr char kSeparator = '\0';

}  // namespace

std::string serialize(const Error& error) {
    std::string text = std::to_string(static_cast<int>(error.code())) + kSeparator
                       + std::to_string(error.cause().value()) + kSeparator + error.hint()
                       + kSeparator + error.what();
    for (const std::string& attempt : error.trail()) {
        text += kSeparator + attempt;
    }
    return text;
}

Error deserialize(const std::string& text) {
    const std::vector<std::string> parts = split(text, kSeparator);
    if (parts.size() < 4) {
        return Error{ErrorCode::internal, "the supervisor ended without a word"};
    }
    const int cause = std::atoi(parts[1].c_str());  // NOLINT(cert-err34-c): written by serialize
    Error error{static_cast<ErrorCode>(std::atoi(parts[0].c_str())),  // NOLINT(cert-err34-c)
                parts[3],
                cause == 0 ? std::error_code{} : std::error_code{cause, std::generic_category()}};
    for (std::size_t i = 4; i < parts.size(); ++i) {
        error.add_context(parts[i]);
    }
    return std::move(error).with_hint(parts[2]);
}

}  // namespace brig
