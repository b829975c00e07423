// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace brig {

/// What is known of files that an image was filled with.
struct Contents {
    std::string source;      ///< for people: "archive base.txz"
    std::string digest;      ///< "sha256:…", where there is one
    std::uint64_t size = 0;  ///< in bytes
    std::string platform;    ///< OS/ARCHITECTURE, where the source says
    ImageDefaults defaults;  ///< that came along
    std::vector<ImageHistory> history;
};

}  // namespace brig
