// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "recorder.hpp"

namespace brig::conformance {

/// The size of brig_host in SDK 1.0, whose members are those of today: nothing was added since.
inline constexpr std::size_t kOldestHost = sizeof(brig_host);

/// The size of brig_ref in SDK 1.0.
inline constexpr std::size_t kOldestRef = offsetof(brig_ref, instance_tag);

/// A table of services, each of which notes its call in recorder() and passes it on to `real`.
[[nodiscard]] const brig_host* recorded_host(const brig_host& real, TableAge age);

}  // namespace brig::conformance
