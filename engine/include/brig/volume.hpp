// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace BRIG_API brig {

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

/// A place for data that outlives containers, on a storage.
struct VolumeInfo {
    std::string id;  ///< "v-" and 12 hexadecimal digits: what it is called on its storage
    std::string name;
    std::string storage;
    std::vector<std::string> options;  ///< "quota=10G", as they were given
    std::chrono::system_clock::time_point created;
};

/// What a user asks for.
struct VolumeSpec {
    std::string name;                  ///< empty: its id
    std::string storage;               ///< empty: the configured default
    std::vector<std::string> options;  ///< of the storage's driver, for this volume: "quota=10G"
};

}  // namespace brig
