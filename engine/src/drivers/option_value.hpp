// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "brig/settings.hpp"

#include <string>
#include <variant>

namespace brig {

using OptionContent = decltype(OptionValue::value);

/// Why a value does not fit, as the end of a sentence: "must be an integer".
struct Misfit {
    std::string reason;
};

/// The value in the type of its row, or why it does not fit.
[[nodiscard]] std::variant<OptionContent, Misfit> fit_option(const OptionContent& content,
                                                             const brig_option& row);

/// The same from the text of a default, where lists are separated by commas.
[[nodiscard]] std::variant<OptionContent, Misfit> fit_default(const std::string& text,
                                                              const brig_option& row);

}  // namespace brig
