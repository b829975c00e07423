// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"
#include "brig/param.hpp"

#include <string>
#include <vector>

namespace BRIG_API brig {

/// What `run` or `start` would do, in its order, found out without touching anything.
struct Plan {
    struct Step {
        std::string verb;  ///< "provision", "prepare", "mount", "create", "run", … or a hook's name
        std::string object;  ///< what it is done to, with its arguments
    };

    std::string id;  ///< the container's; of one that does not exist, what it would be like
    std::string name;
    std::string image;  ///< empty: the container has a root of its own
    std::string root;   ///< the image's; the container's clone of it is made at start
    std::vector<std::string> networks;
    std::vector<std::string> command;
    ParamList params;    ///< every parameter with its value and origin
    ParamList shadowed;  ///< values that others took the place of, in order
    std::vector<Step> steps;
    std::vector<std::string>
        warnings;              ///< parameters that this host records but does not enforce, …
    std::string jail_command;  ///< the equivalent jail(8) command line, quoted for a shell
};

}  // namespace brig
