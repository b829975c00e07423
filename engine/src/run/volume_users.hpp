// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace brig {

/// The containers that use a volume now: files in the run folder, which says nothing after a
/// reboot, as is right. Held locked while this object lives: whoever begins or ends to use a
/// volume, or removes it, does so alone.
class VolumeUsers {
  public:
    /// Waits for the lock. @param run the run folder
    VolumeUsers(const std::filesystem::path& run, const std::string& volume);
    VolumeUsers(const VolumeUsers&) = delete;
    VolumeUsers& operator=(const VolumeUsers&) = delete;
    VolumeUsers(VolumeUsers&&) = delete;
    VolumeUsers& operator=(VolumeUsers&&) = delete;
    ~VolumeUsers();

    /// There already is fine, and so is not there for `remove`.
    void add(const std::string& container);
    void remove(const std::string& container);

    /// Their ids.
    [[nodiscard]] std::vector<std::string> all() const;

  private:
    std::filesystem::path folder_;
    UniqueFd lock_;
};

/// What a killed process left of its VolumeUsers.
void remove_folders_without_users(const std::filesystem::path& run);

}  // namespace brig
