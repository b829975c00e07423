// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "run/folder_of_users.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace brig {

/// How a container is known on a network.
struct NetworkMember {
    std::string container;               ///< id
    std::filesystem::path root;          ///< where its /etc/hosts is; empty: that is not ours
    std::vector<std::string> addresses;  ///< on this network
    std::vector<std::string> names;
};

/// The containers that are on a network by name, locked while this object lives, so that of two
/// that come at once each sees the other.
class NetworkMembers {
  public:
    /// Waits for the lock. @param run the run folder
    NetworkMembers(const std::filesystem::path& run, const std::string& network);

    void add(const NetworkMember& member);
    void remove(const std::string& container);

  private:
    FolderOfUsers folder_;
};

/// The members of a network as they are now.
[[nodiscard]] std::vector<NetworkMember> members_of(const std::filesystem::path& run,
                                                    const std::string& network);

/// The networks that a container is on by name.
[[nodiscard]] std::vector<std::string> networks_with(const std::filesystem::path& run,
                                                     const std::string& container);

}  // namespace brig
