// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/spec.hpp"

#include <string>

namespace brig {

/// `spec` as a TOML document, for keeping. Reading it back gives the same.
///
/// The words of a command are bytes, TOML is UTF-8: a byte that is not part of valid UTF-8 is kept
/// as the private code point U+10FF00 + byte.
[[nodiscard]] std::string to_toml(const ContainerSpec& spec);

/// What a user would write of `spec` in a table of its own: without its name, and without what is
/// kept for brig itself.
[[nodiscard]] std::string to_toml_members(const ContainerSpec& spec);

/// Reads what `to_toml` wrote; `name` stands for the text in messages.
/// @throws Error{invalid_config} with every finding.
[[nodiscard]] ContainerSpec container_spec_from_toml(const std::string& text,
                                                     const std::string& name);

}  // namespace brig
