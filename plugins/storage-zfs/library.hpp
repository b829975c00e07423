// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "properties.hpp"

#include <optional>
#include <string>
#include <vector>

/// Changes through libzfs_core, which costs no process: library.cpp where the library is part of
/// the system (FreeBSD), no_library.cpp elsewhere. Each returns 0 or an errno; nothing: not to be
/// done this way, the zfs command has to.
namespace brig::storage_zfs::library {

using Outcome = std::optional<int>;

[[nodiscard]] Outcome create(const std::string& dataset, const Properties& properties);

[[nodiscard]] Outcome clone(const std::string& snapshot,
                            const std::string& dataset,
                            const Properties& properties);

[[nodiscard]] Outcome snapshot(const std::string& snapshot, const Properties& properties);

/// A dataset without snapshots and children.
[[nodiscard]] Outcome destroy(const std::string& dataset);

/// All of them or none.
[[nodiscard]] Outcome destroy_snapshots(const std::vector<std::string>& snapshots);

/// Goes with the last clone of it, if it has any.
[[nodiscard]] Outcome destroy_when_unused(const std::string& snapshot);

}  // namespace brig::storage_zfs::library
