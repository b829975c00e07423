// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"

#include <string>

namespace brig {

/// An Error as text, to carry it from one process to another, and back.
[[nodiscard]] std::string serialize(const Error& error);
[[nodiscard]] Error deserialize(const std::string& text);

}  // namespace brig
