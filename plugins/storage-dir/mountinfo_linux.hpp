// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace brig::storage_dir::os {

/// A line of /proc/self/mountinfo; see proc(5).
struct MountLine {
    std::uint64_t id = 0;
    std::string point;  ///< where it is mounted, without links
    std::string type;
    std::string device;
};

[[nodiscard]] std::vector<MountLine> mount_table();

}  // namespace brig::storage_dir::os
