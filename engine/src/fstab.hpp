// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"
#include "support/findings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// What `target` means in a container with the root `root`: the path in the container. That of one
/// in the root as the host sees it, which is how jail(8) names targets, is the rest of it; any
/// other is one in the container already.
[[nodiscard]] std::string path_in_root(const std::string& target,
                                       const std::filesystem::path& root);

/// The type of a mount whose source is the name of a data volume.
inline constexpr const char* kVolumeMount = "volume";

/// The option of such a mount: an empty volume gets what the container's root has there.
inline constexpr const char* kPopulate = "populate";

/// A line of fstab(5) that jail(8) reads as that mount in a container with the root `root`.
[[nodiscard]] std::string to_fstab_line(const Mount& mount, const std::string& root);

/// One line of fstab(5), "source target type [options [dump [pass]]]", of which the first two
/// fields may be written as by vis(3): `\040` is a blank. The target is a path inside the
/// container. What is wrong becomes a finding at `place`; nothing is returned then.
[[nodiscard]] std::optional<Mount> parse_fstab_line(std::string_view line,
                                                    const std::string& place,
                                                    Findings& findings);

/// All lines of the text of a file of that form. As for jail(8), a `#` begins a comment anywhere.
/// `name` is the file's, for findings.
[[nodiscard]] std::vector<Mount> parse_fstab(std::string_view text,
                                             const std::string& name,
                                             Findings& findings);

/// What the file `name` says; that there is none is a finding.
/// @throws Error{invalid_config} when anyone may write to it, Error{system} when it cannot be read.
[[nodiscard]] std::vector<Mount> read_fstab(const std::string& name, Findings& findings);

}  // namespace brig
