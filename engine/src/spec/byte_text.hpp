// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace brig {

/// `bytes` as valid UTF-8, from which `decode_bytes` gets the same bytes back: a byte that is not
/// part of valid UTF-8 becomes the private code point U+10FF00 + byte. Code points of that range in
/// `bytes` are taken apart too, so that nothing is ambiguous.
[[nodiscard]] std::string encode_bytes(std::string_view bytes);

[[nodiscard]] std::string decode_bytes(std::string_view text);

}  // namespace brig
