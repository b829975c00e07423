// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace brig::storage_dir {

/// Removes `name` in `folder` with everything below it. Absent is fine. Never follows a symbolic
/// link, never enters another mount, at any depth and whatever the modes are.
///
/// @param path for messages
/// @throws Error{BRIG_BUSY} that names the mount point it met; what was removed before stays so
void remove_tree(int folder, const std::string& name, const std::string& path);

}  // namespace brig::storage_dir
