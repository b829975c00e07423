// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace brig {

/// Eight hexadecimal digits that depend on `text` alone (FNV-1a, 32 bits): for names that must be
/// the same in every process. Not for security.
[[nodiscard]] std::string short_hash(std::string_view text);

}  // namespace brig
