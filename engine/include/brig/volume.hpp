// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// A state of a container's root, or of a volume, that was kept.
struct SnapshotInfo {
    std::string name;
    std::chrono::system_clock::time_point created;
};

/// A path that is not as it was.
struct PathChange {
    enum class Kind {
        added,
        changed,  ///< its content, type, owner or mode
        deleted,
    };

    Kind kind = Kind::changed;
    std::string path;  ///< absolute, inside the root
};

/// "added", "changed", "deleted".
[[nodiscard]] std::string_view to_string(PathChange::Kind kind) noexcept;

/// What `to_string` gives, back; nothing for any other text.
[[nodiscard]] std::optional<PathChange::Kind> parse_path_change(std::string_view text) noexcept;

/// What a volume takes of its storage, in bytes.
struct VolumeUsage {
    std::uint64_t used = 0;  ///< what removing it would free
    std::optional<std::uint64_t> limit;
};

}  // namespace brig
