// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <optional>

namespace brig {

/// PREFIX, if `program` is PREFIX/bin/NAME or PREFIX/libexec/brig/NAME, and brig's helper programs
/// are in PREFIX/libexec/brig. So brig may be moved with what belongs to it, and runs from a build
/// tree; a program of others in a `bin` of its own is told apart.
[[nodiscard]] std::optional<std::filesystem::path> prefix_of_program(
    const std::filesystem::path& program);

/// PREFIX, if `library` is libbrig.so… in PREFIX/lib, or in a folder of PREFIX/lib for one
/// architecture, with the helper programs in PREFIX/libexec/brig.
[[nodiscard]] std::optional<std::filesystem::path> prefix_of_library(
    const std::filesystem::path& library);

/// Where brig is installed: what belongs to the running program, or else to the shared library that
/// this engine is in, or else the prefix that it was configured with.
/// @throws Error{system} when the kernel does not say which program runs.
[[nodiscard]] std::filesystem::path installed_prefix();

}  // namespace brig
