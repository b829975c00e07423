// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/up.hpp"
#include "launch.hpp"
#include "support/findings.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// A container of a file that is to be worked on.
struct Chosen {
    ConfiguredContainer configured;
    std::string id;                  ///< of the container with its name, or a new one
    bool exists = false;             ///< it is kept
    std::optional<Launch> launch;    ///< as it would be started; nothing when that is not possible
    std::vector<std::size_t> needs;  ///< those of the others that it depends on
};

/// All containers of the file. @throws Error{not_found} when there is none.
[[nodiscard]] std::vector<ConfiguredContainer> containers_of(const Context& context,
                                                             const ContainerSelection& selection);

/// The names that were asked for, or all of `containers`.
/// @throws Error{not_found} for a name that is not among them.
[[nodiscard]] std::vector<std::string> chosen_names(
    const std::vector<ConfiguredContainer>& containers, const ContainerSelection& selection);

/// What was asked for and all that it depends on, each after what it depends on, resolved. Whatever
/// is wrong with any of them becomes a finding: with its settings, `depend` on what there is not,
/// loops.
[[nodiscard]] std::vector<Chosen> choose(Context& context,
                                         const ContainerSelection& selection,
                                         Findings& findings);

/// Adds `found` to `findings`, at `where` those that say no place, and none of them twice.
void add_findings(const Findings& found, const std::string& where, Findings& findings);

}  // namespace brig
