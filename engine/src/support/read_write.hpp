// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace brig {

/// What can be read from `fd` up to its end; reading stops behind `most` bytes, with one more so
/// that the caller sees it.
///
/// @param what for messages: "read WHAT"
[[nodiscard]] std::string read_text(int fd,
                                    const std::string& what,
                                    std::size_t most = std::numeric_limits<std::size_t>::max() - 1);

/// Writes all of `text`, in as many pieces as it takes. @param what for messages: "write WHAT"
void write_text(int fd, std::string_view text, const std::string& what);

}  // namespace brig
