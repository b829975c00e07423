// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "run/folder_of_users.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace brig {

/// The containers that use a volume now, locked while this object lives: whoever begins or ends to
/// use a volume, or removes it, does so alone.
class VolumeUsers {
  public:
    /// Waits for the lock. @param run the run folder
    VolumeUsers(const std::filesystem::path& run, const std::string& volume);

    /// There already is fine, and so is not there for `remove`.
    void add(const std::string& container);
    void remove(const std::string& container);

    /// Their ids.
    [[nodiscard]] std::vector<std::string> all() const;

  private:
    FolderOfUsers folder_;
};

}  // namespace brig
