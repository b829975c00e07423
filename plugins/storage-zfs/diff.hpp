// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <optional>
#include <string_view>

namespace brig::storage_zfs {

/// Reports what differs from a snapshot of the volume, or from what it was cloned from.
void report_changes(Volume& volume, std::optional<std::string_view> since);

}  // namespace brig::storage_zfs
