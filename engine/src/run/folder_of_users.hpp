// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <filesystem>
#include <string>

namespace brig {

/// A folder with a file for each container that uses something, which says nothing after a reboot,
/// as is right. Held locked while this object lives: whoever begins or ends to use the thing does
/// so alone. The folder goes with its last user.
class FolderOfUsers {
  public:
    /// Waits for the lock. @param folder two levels below the run folder
    explicit FolderOfUsers(std::filesystem::path folder);
    FolderOfUsers(const FolderOfUsers&) = delete;
    FolderOfUsers& operator=(const FolderOfUsers&) = delete;
    FolderOfUsers(FolderOfUsers&&) = delete;
    FolderOfUsers& operator=(FolderOfUsers&&) = delete;
    ~FolderOfUsers();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

    /// Not there is fine.
    void remove(const std::string& container);

  private:
    std::filesystem::path folder_;
    UniqueFd lock_;
};

/// What killed processes left of such folders.
void remove_folders_without_users(const std::filesystem::path& run);

}  // namespace brig
