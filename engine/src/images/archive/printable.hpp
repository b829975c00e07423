// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace brig::archive {

/// `text` on one line and safe for a terminal: what the locale cannot print becomes \xNN, and a
/// long text is cut. Names in archives are chosen by whoever made them.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace brig::archive
