// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace brig::archive {

/// Refuses the name of an entry, or of what a hard link points to, that is absolute or has a
/// component `..`. Nothing could leave the root anyway; but an archive that tries is not imported
/// into something else than it says.
///
/// @throws Error{invalid_config} naming `entry`.
void refuse_leaving_root(std::string_view name, const std::string& entry);

}  // namespace brig::archive
