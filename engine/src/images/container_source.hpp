// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "images/contents.hpp"
#include "images/import.hpp"

namespace brig {

/// Copies the root of a container, which is kept from starting meanwhile.
/// @throws Error{conflict} when it runs.
Contents import_container(Context& context,
                          const ImportTarget& target,
                          const FromContainer& source,
                          const ProgressSink& progress);

}  // namespace brig
