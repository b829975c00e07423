// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// `name` with "no" before its last component: allow.mount.devfs -> allow.mount.nodevfs.
[[nodiscard]] std::string with_no(std::string_view name);

/// `name` without the "no" at the start of its last component; nothing where there is none.
[[nodiscard]] std::optional<std::string> without_no(std::string_view name);

/// Whether `noNAME` is a spelling: booleans, and jail(8)'s own strings and lists, which it clears.
[[nodiscard]] bool takes_no(const ParamRule& rule) noexcept;

[[nodiscard]] bool is_list(ParamType type) noexcept;

/// Where an assignment stands, for a Finding: "-J persist=maybe", "brig.toml:12:3".
[[nodiscard]] std::string place_of(const Assignment& assignment);

}  // namespace brig
