// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <filesystem>

namespace brig {

/// Notices changes in a folder: files that come and go, and files that are written to.
class FolderWatch {
  public:
    explicit FolderWatch(const std::filesystem::path& folder);

    /// Also when the open file, which is in the folder, is written to. Where the kernel tells that
    /// of the folder there is nothing to do. Forgotten when the file is closed.
    void follow(const UniqueFd& file);

    /// Readable when there was a change since `clear`; for poll(2).
    [[nodiscard]] int fd() const noexcept { return queue_.get(); }

    /// Call it before looking at the folder, so that a change after that makes it readable again.
    void clear();

  private:
    UniqueFd folder_;
    UniqueFd queue_;
};

}  // namespace brig
