// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

#include <cstdint>

namespace brig::storage_dir {

struct Usage {
    std::uint64_t used = 0;   ///< bytes that removing the volume would free
    std::uint64_t limit = 0;  ///< bytes; 0: none
};

/// Counts the blocks of the volume's folder, active or not, and of what is kept only for it.
[[nodiscard]] Usage usage_of(const sdk::Call& call, const Shelves& shelves, const Entry& volume);

}  // namespace brig::storage_dir
