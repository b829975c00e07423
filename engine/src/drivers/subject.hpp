// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "brig/settings.hpp"

#include <map>
#include <optional>
#include <string>

namespace brig {

/// What a driver told the engine to remember of an operation; comes back as Subject::prior.
using ResultMap = std::map<std::string, std::string>;

/// What an operation of a driver is about: identical on every retry, and enough to undo it.
struct Subject {
    std::string container;  ///< its id; empty for images
    std::string object;     ///< the volume, or the attachment (the network's name)
    std::string owner_tag;  ///< put on everything that is made
    std::string root;       ///< the container's root on the host, where it is known
    std::optional<JailId> jail;
    OptionMap options;      ///< per container
    ResultMap prior;        ///< results of the last success
    bool recovery = false;  ///< an earlier engine process died; expect leftovers
    bool dry_run = false;   ///< validate and contribute, touch nothing
};

}  // namespace brig
