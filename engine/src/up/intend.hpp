// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "up/select.hpp"

#include <vector>

namespace brig {

/// A container of a file, and what is to be done to it.
struct Intended {
    Chosen chosen;
    ContainerSpec spec;  ///< what is to be kept of it
    UpAction action = UpAction::unchanged;
    std::vector<Change> changes;
};

/// What is to be done to each of the containers of `selection`, in an order that `depend` allows.
/// Nothing is touched. Everything that is wrong, or would be refused, becomes a finding.
[[nodiscard]] std::vector<Intended> intend(Context& context,
                                           const ContainerSelection& selection,
                                           const UpOptions& options,
                                           Findings& findings);

/// Waits while somebody else starts or ends a container, and clears away what he left if he died.
void await_settled(Context& context, const std::string& id);

/// Whether the command of a container runs, under somebody's care, or is to be run again by it.
[[nodiscard]] bool is_running(Context& context, const std::string& id);

}  // namespace brig
