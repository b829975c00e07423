// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"
#include "brig/export.hpp"
#include "brig/plan.hpp"
#include "brig/update.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace BRIG_API brig {

/// Which containers of which file.
struct ContainerSelection {
    std::optional<std::filesystem::path> file;  ///< of load_containers(); else the configuration
    std::vector<std::string> names;             ///< empty: all
};

struct UpOptions {
    /// Containers that cannot be changed into what the file says are removed with their roots, and
    /// made anew.
    bool recreate = false;
};

/// What `up` does to a container to have it run as the file says.
enum class UpAction {
    unchanged,
    create,   ///< and start
    start,    ///< it is what the file says, but does not run
    update,   ///< changes it, and starts it if it does not run
    recreate  ///< stops, removes, creates and starts it
};

/// What became of one container.
struct UpResult {
    std::string name;
    std::string id;
    UpAction action = UpAction::unchanged;
    std::vector<Change> changes;   ///< of an update; settings that are no parameters as the file
                                   ///< calls them: "command", "user", "workdir", …
    std::optional<Error> failure;  ///< why it was not done
};

/// What `up` would do to one container.
struct UpPlan {
    UpAction action = UpAction::unchanged;
    std::vector<Change> changes;
    Plan plan;  ///< of its next start
};

struct DownOptions {
    bool remove = false;  ///< removes the containers too, with the roots that brig made for them
    std::optional<std::chrono::seconds> timeout;  ///< see StopOptions
    bool force = false;                           ///< see StopOptions
};

/// What became of one container that existed.
struct DownResult {
    std::string name;
    std::string id;
    bool stopped = false;  ///< it ran
    bool removed = false;
    std::optional<Error> failure;
};

}  // namespace brig
