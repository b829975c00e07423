// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// What names are made of, beside a few more characters each.
inline constexpr std::string_view kAlphanumeric =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Why `name` cannot be the name of a container, a network or a storage ("is empty", "holds a
/// dot, …"); nothing when it can. See `require_container_name`.
[[nodiscard]] std::optional<std::string> name_problem(std::string_view name);

/// Refuses what cannot be the name of a snapshot: a lower-case letter or digit, then these, "_",
/// "." or "-", at most 64. @throws Error{invalid_config} saying what is wrong with it.
void require_snapshot_name(const std::string& name);

/// Refuses what cannot be the name of a volume, which is made as a container's.
/// @throws Error{invalid_config} saying what is wrong with it.
void require_volume_name(const std::string& name);

/// `text` between double quotes, with everything that is not printable ASCII as \xNN, and cut when
/// it is very long: what a user typed may be anything.
[[nodiscard]] std::string quoted_for_message(std::string_view text);

}  // namespace brig
