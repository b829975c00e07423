// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "kit.hpp"

#include <functional>
#include <string>
#include <vector>

namespace brig::conformance {

/// An operation in its context: what comes before it, and what must hold when it has been done.
struct Scenario {
    std::string name;
    std::function<void(Session&)> before;  ///< may be empty
    Action action;
    std::function<void(Session&)> holds;  ///< once it was done, perhaps again; may be empty
    std::vector<Action> remove;           ///< from any state
};

/// Every operation of the driver that changes something.
[[nodiscard]] std::vector<Scenario> scenarios_of(const Subject& subject);

// What tests of storages share.

/// Puts some files, a folder and a symbolic link into an active volume.
void fill_volume(const std::filesystem::path& root, const std::string& word);

/// Whether the volume has them, all of them, with that word.
[[nodiscard]] bool has_filling(const std::filesystem::path& root, const std::string& word);

/// Makes the volume usable, and returns its root.
[[nodiscard]] std::filesystem::path activate_volume(Session& session, const Key& key);
void deactivate_volume(Session& session, const Key& key);

/// A volume with a filling and snapshot "image" of it, inactive: as the engine makes images.
void make_image(Session& session, const Key& key);

/// Takes away whatever a test may have left, as well as the driver can.
void tidy_up(Session& session);

}  // namespace brig::conformance
