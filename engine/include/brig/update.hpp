// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"
#include "brig/spec.hpp"

#include <optional>
#include <string>
#include <vector>

namespace BRIG_API brig {

/// What is to be changed of a container. What it does not name stays as it is.
struct UpdateSpec {
    std::vector<std::string> params;       ///< -J, as if given last when the container was created
    std::vector<std::string> unset;        ///< names of parameters that are to be as if never given
    std::vector<std::string> environment;  ///< "NAME=value"
    std::vector<std::string> unset_environment;  ///< names of variables, likewise

    /// Of a container that runs in the background: how it goes on once the run has ended.
    std::optional<RestartPolicy> restart = std::nullopt;
};

/// When another value of a parameter takes effect.
enum class ChangeTime {
    now,
    next_start,  ///< stored until then
    never        ///< while the container runs
};

/// One parameter, one variable of the environment, or a setting of the container, with two values.
struct Change {
    /// Normalised texts as in Param::values; nothing: the kernel's own default, which is not known.
    using Values = std::optional<std::vector<std::string>>;

    std::string name;
    bool is_variable = false;  ///< its values are not told: they may be secrets
    Values old_values;
    Values new_values;
    ChangeTime when = ChangeTime::next_start;
    std::string reason;       ///< why not now, or for what; may be empty
    bool is_setting = false;  ///< neither of the two: "restart"

    friend bool operator==(const Change&, const Change&) = default;
};

}  // namespace brig
