// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"

#include <string>
#include <vector>

/// Properties of datasets: the driver's own, and what the options ask for.
namespace brig::storage_zfs {

/// Whose a volume is, and on a snapshot that it is ours: a child, a snapshot and a clone do not get
/// it by themselves, since only a property that is set locally counts.
inline constexpr const char* kOwner = "brig:owner";
/// What a volume was cloned from, "VOLUME@SNAPSHOT". Unlike `origin` it stays when a clone is
/// promoted, or the snapshot is renamed.
inline constexpr const char* kSource = "brig:source";
/// What a volume was made of that is none: a dataset or a snapshot of the host. On a ".from-ID" the
/// snapshot that was taken for that.
inline constexpr const char* kOrigin = "brig:origin";
/// The snapshot that is being received into a volume that exists already.
inline constexpr const char* kReceiving = "brig:receiving";
/// On the parent, if the driver made it.
inline constexpr const char* kParent = "brig:parent";

struct Property {
    std::string name;
    std::string value;
};

using Properties = std::vector<Property>;

/// Adds the properties that options ask for; a later one of the same name wins.
/// @throws Error{BRIG_INVALID} for names and values that cannot be, or that the driver controls
void add_options(Properties& properties, const sdk::Options& options);

/// "compression=zstd, quota=1048576", for messages.
[[nodiscard]] std::string spoken(const Properties& properties);

}  // namespace brig::storage_zfs
