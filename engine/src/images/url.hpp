// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// Where an archive is, and how it is known to be the right one.
struct ArchiveUrl {
    std::string url;
    std::string sha256;            ///< empty: `manifest` has it
    std::string manifest;          ///< the URL of a FreeBSD MANIFEST
    std::string name_in_manifest;  ///< the archive's, "base.txz"
};

/// Checks what a user asked for, and finds releases of FreeBSD by their names ("14.3-RELEASE", with
/// "/amd64" or another architecture; else that of `machine`, as uname(3) says it).
///
/// @throws Error{invalid_config} for what is no URL, for schemes other than https, http and file,
/// for user names in it, and where nothing would tell the right archive from another.
[[nodiscard]] ArchiveUrl resolve_url(const FromUrl& source, const std::string& machine);

/// The path in a URL of a file; nothing for another scheme.
/// @throws Error{invalid_config} when it is on another host, or not absolute.
[[nodiscard]] std::optional<std::filesystem::path> path_of_file_url(const std::string& url);

/// The SHA-256 of the archive `name` in the text of a FreeBSD MANIFEST.
/// @throws Error{invalid_config} when there is none.
[[nodiscard]] std::string sha256_in_manifest(std::string_view text, const std::string& name);

}  // namespace brig
