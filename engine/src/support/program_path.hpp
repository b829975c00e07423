// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>

namespace brig {

/// The absolute path of the executable that this process runs.
/// @throws Error{system} when the kernel does not say.
[[nodiscard]] std::filesystem::path program_path();

}  // namespace brig
