// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace brig {

/// Why `file` cannot be a shared object of this machine, as the end of a sentence ("is truncated:
/// …"), or nothing if it looks like one. The dynamic loader maps a file before it knows that it is
/// all there, and dies of SIGBUS when it is not; and its messages are not for users.
/// @throws Error{system}, Error{permission} when the file cannot be read.
[[nodiscard]] std::optional<std::string> shared_object_defect(const std::filesystem::path& file);

}  // namespace brig
