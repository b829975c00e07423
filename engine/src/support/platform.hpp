// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>

namespace brig {

/// Where a platform's customs (hier(7)) want brig's files.
struct PlatformPaths {
    const char* state;
    const char* run;
    const char* logs;
    const char* config;
};

[[nodiscard]] PlatformPaths platform_paths() noexcept;

/// The environment variable `name`, unless it is unset or empty, or this process has more
/// privilege than whoever set it (set-user-id and the like).
[[nodiscard]] std::optional<std::string> trusted_environment(const char* name);

}  // namespace brig
