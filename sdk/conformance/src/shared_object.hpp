// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace brig::conformance {

/// What the dynamic loader sees in a shared object.
struct SharedObject {
    std::vector<std::string> exported;  ///< symbols that it defines for others
    std::vector<std::string> needed;    ///< libraries that it asks for
    bool has_search_path = false;       ///< DT_RPATH or DT_RUNPATH
};

/// @throws Error{bad_driver} when the file is not one of 64 bits.
[[nodiscard]] SharedObject read_shared_object(const std::filesystem::path& file);

}  // namespace brig::conformance
