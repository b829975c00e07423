// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <sys/stat.h>

#include <string>

namespace brig::storage_dir {

/// A file of any type but a folder.
struct FileAt {
    int folder;  ///< open
    const std::string& name;
    const struct stat& status;
};

/// Are owner and mode the same?
[[nodiscard]] bool same_owner_and_mode(const struct stat& one, const struct stat& other);

enum class Trust {
    content,  ///< only equal bytes are equal
    times     ///< so are files of one size and time of change: a copy keeps that
};

/// Are type, owner, mode and content the same? A file that went meanwhile is not.
[[nodiscard]] bool same_file(const sdk::Call& call,
                             const FileAt& one,
                             const FileAt& other,
                             Trust trust);

}  // namespace brig::storage_dir
