// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// See Host::spawn.
[[nodiscard]] std::unique_ptr<Process> spawn(const Jail& jail, const ProcessRequest& request);

/// See Host::spawn_on_host.
[[nodiscard]] std::unique_ptr<Process> spawn_on_host(const ProcessRequest& request);

}  // namespace brig::freebsd
