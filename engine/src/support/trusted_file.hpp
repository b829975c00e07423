// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace brig {

/// The text of `file`, which what runs or is mounted on the host may come from; nothing when it
/// does not exist. `what` names it in messages: "the configuration file '/etc/brig/brig.toml'".
///
/// @throws Error{invalid_config} when it is not a regular file, anyone may write to it, or it is
///         larger than 1 MiB.
[[nodiscard]] std::optional<std::string> read_trusted_file(const std::filesystem::path& file,
                                                           const std::string& what);

}  // namespace brig
